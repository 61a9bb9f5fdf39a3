import { strict as assert } from 'node:assert';
import { Store } from '../../../../src/pipelines/validation/check/check-cache.ts';
import { History } from '../../../../src/pipelines/validation/run/duration-history.ts';
import type { CheckResult } from '../../../../src/protocol/validation.ts';

const ms = 1e6;
const result: CheckResult = {
  ...{ id: 'A', category: 'build', severity: 'fatal', status: 'pass', message: '', durationNs: 1 },
  ...{ evidence: [], findings: [], remediation: [], hash: '' },
};

describe('the history of a check', () => {
  let history: History;
  const ran = (...durationsMs: number[]): void => {
    for (const durationMs of durationsMs) history.ran('A', durationMs * ms);
  };
  beforeEach(() => {
    history = new History(new Store(undefined));
  });

  it('suggests three times the longest of the last twenty runs, and at least a second', () => {
    ran(9000, ...Array<number>(18).fill(100), 300, 2000);
    const first = { id: 'A', timeoutMs: 6000, runs: 20, p50Ns: 100 * ms, p95Ns: 300 * ms, p99Ns: 2000 * ms };
    assert.deepEqual(history.suggestions([result]), [first]);
    ran(...Array<number>(20).fill(100));
    const then = { id: 'A', timeoutMs: 1000, runs: 20, p50Ns: 100 * ms, p95Ns: 100 * ms, p99Ns: 100 * ms };
    assert.deepEqual(history.suggestions([result]), [then]);
  });

  it('suggests nothing from few runs', () => {
    ran(100, 100, 100, 100);
    assert.deepEqual(history.suggestions([result]), []);
    ran(100);
    assert.equal(history.suggestions([result]).length, 1);
  });

  it('expects what the last run took, and is not sure after a first one, which warms caches', () => {
    assert.equal(history.expectedMs('A'), undefined);
    ran(5000);
    assert.equal(history.isKnown('A'), false);
    ran(300);
    assert.equal(history.isKnown('A'), true);
    assert.equal(history.expectedMs('A'), 300);
  });

  it('expects what it took to find nothing to do, until it ran', () => {
    history.skipped('A', 5 * ms);
    assert.equal(history.expectedMs('A'), 5);
    ran(300);
    history.skipped('A', 5 * ms);
    assert.equal(history.expectedMs('A'), 300);
    assert.deepEqual(history.suggestions([result]), []);
  });

  it('expects half as much again of one that was ended, and half as much after each time that it was not let in', () => {
    ran(300);
    history.cut('A', 4000 * ms);
    assert.equal(history.expectedMs('A'), 6000);
    history.refused('A');
    history.refused('A');
    assert.equal(history.expectedMs('A'), 1500);
    history.refused('B');
    assert.equal(history.expectedMs('B'), undefined);
  });

  it('refuses one that never fits the longer the more often it was ended, until it was done', () => {
    const refusals = (): number => {
      history.cut('A', 4000 * ms);
      let count = 0;
      for (; (history.expectedMs('A') ?? 0) > 5000; count++) history.refused('A');
      return count;
    };
    assert.deepEqual(Array.from({ length: 12 }, refusals), [1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9]);
    ran(300);
    assert.equal(refusals(), 1);
  });

  it('takes nothing from a memory that someone else wrote', () => {
    const memory = new Store(undefined);
    memory.set('duration:A', 'soon');
    assert.equal(new History(memory).expectedMs('A'), undefined);
  });
});
