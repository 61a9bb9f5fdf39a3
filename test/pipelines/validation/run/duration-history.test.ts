import { strict as assert } from 'node:assert';
import { FileCheckCache } from '../../../../src/pipelines/validation/check/check-cache.ts';
import { DurationHistory } from '../../../../src/pipelines/validation/run/duration-history.ts';
import type { CheckResult } from '../../../../src/protocol/validation/validation.ts';

const ms = 1e6;
const result: CheckResult = {
  ...{ id: 'A', category: 'build', severity: 'fatal', status: 'pass', message: '', durationNs: 1 },
  ...{ evidence: [], findings: [], remediation: [], hash: '' },
};

describe('DurationHistory', () => {
  let history: DurationHistory;
  const recordRuns = (...durationsMs: number[]): void => {
    for (const durationMs of durationsMs) history.recordRun('A', durationMs * ms);
  };
  beforeEach(() => {
    history = new DurationHistory(new FileCheckCache(undefined));
  });

  it('suggests three times the p99 of the last twenty runs, at least one second', () => {
    recordRuns(9000, ...Array<number>(18).fill(100), 300, 2000);
    const slow = { id: 'A', timeoutMs: 6000, runs: 20, p50Ns: 100 * ms, p95Ns: 300 * ms, p99Ns: 2000 * ms };
    assert.deepEqual(history.suggestions([result]), [slow]);
    recordRuns(...Array<number>(20).fill(100));
    const fast = { id: 'A', timeoutMs: 1000, runs: 20, p50Ns: 100 * ms, p95Ns: 100 * ms, p99Ns: 100 * ms };
    assert.deepEqual(history.suggestions([result]), [fast]);
  });

  it('suggests no timeout before the fifth run', () => {
    recordRuns(100, 100, 100, 100);
    assert.deepEqual(history.suggestions([result]), []);
    recordRuns(100);
    assert.equal(history.suggestions([result]).length, 1);
  });

  it('expects the duration of the last run but has no estimate after only one run', () => {
    assert.equal(history.expectedMs('A'), undefined);
    recordRuns(5000);
    assert.equal(history.hasEstimate('A'), false);
    recordRuns(300);
    assert.equal(history.hasEstimate('A'), true);
    assert.equal(history.expectedMs('A'), 300);
  });

  it('expects the duration of a skipped run until the check has run', () => {
    history.recordSkip('A', 5 * ms);
    assert.equal(history.expectedMs('A'), 5);
    recordRuns(300);
    history.recordSkip('A', 5 * ms);
    assert.equal(history.expectedMs('A'), 300);
    assert.deepEqual(history.suggestions([result]), []);
  });

  it('expects 1.5 times the duration of an aborted run and halves it with each refusal', () => {
    recordRuns(300);
    history.recordAbort('A', 4000 * ms);
    assert.equal(history.expectedMs('A'), 6000);
    history.recordRefusal('A');
    history.recordRefusal('A');
    assert.equal(history.expectedMs('A'), 1500);
    history.recordRefusal('B');
    assert.equal(history.expectedMs('B'), undefined);
  });

  it('refuses a check that never fits one more time after each abort, up to nine times', () => {
    const refusals = (): number => {
      history.recordAbort('A', 4000 * ms);
      let count = 0;
      for (; (history.expectedMs('A') ?? 0) > 5000; count++) history.recordRefusal('A');
      return count;
    };
    assert.deepEqual(Array.from({ length: 12 }, refusals), [1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9]);
    recordRuns(300);
    assert.equal(refusals(), 1);
  });

  it('ignores cached values of an unexpected type', () => {
    const cache = new FileCheckCache(undefined);
    cache.set('duration:A', 'soon');
    assert.equal(new DurationHistory(cache).expectedMs('A'), undefined);
  });
});
