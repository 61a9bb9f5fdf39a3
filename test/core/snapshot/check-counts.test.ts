import { strict as assert } from 'node:assert';
import { Recorder } from '../../../src/core/record/recorder.ts';
import { buildSnapshot } from '../../../src/core/snapshot/build-snapshot.ts';
import { type CheckCounts, checkCounts } from '../../../src/core/snapshot/check-counts.ts';
import { defaultThresholds, judgeLight } from '../../../src/core/snapshot/health.ts';
import type { Batch } from '../../../src/protocol/batch/batch.ts';
import { isBatch } from '../../../src/protocol/batch/batch.ts';
import { defined } from '../../../src/protocol/defined.ts';
import type { CheckState, ValidationState } from '../../../src/protocol/validation/validation-state.ts';

const check = (id: string, category: string, status: CheckState['status'], crashed?: true): CheckState => ({
  ...{ id, category, status, durationNs: 4e6 },
  ...(crashed ? { crashed } : {}),
});

const state: ValidationState = {
  passed: 1,
  failed: 1,
  warned: 1,
  skipped: 2,
  checks: [
    check('A', 'build', 'pass'),
    check('B', 'safety', 'fail'),
    check('C', 'safety', 'warn'),
    check('D', 'tests', 'skip', true),
    check('E', 'tests', 'skip'),
  ],
};

const batch = (sequence: number, validation?: ValidationState): Batch => ({
  v: 1,
  source: '1.0',
  sequence,
  atNs: 0,
  definitions: [{ id: 0, component: 'safety', name: 'B', kind: 'check' }],
  operations: [{ id: 0, count: 1, errors: 1, totalNs: 4e6, hits: 0, misses: 0, buckets: [] }],
  cost: { events: 0, flushNs: 0 },
  ...defined({ validation }),
});

describe('check counts', () => {
  it('count failed, crashed and warned checks by category', () => {
    assert.deepEqual(Object.fromEntries(checkCounts(state)), {
      safety: { failed: 1, crashed: 0, warned: 1 },
      tests: { failed: 0, crashed: 1, warned: 0 },
    });
  });

  const outcomes = [
    ['ready', undefined],
    ['not_ready', { failed: 1, crashed: 0, warned: 0 }],
    ['incomplete', { failed: 0, crashed: 1, warned: 0 }],
  ] as const;
  for (const [verdict, counts] of outcomes) {
    it(`count the outcome ${verdict} for the component of the validation`, () => {
      const decided = checkCounts({ ...state, outcome: { verdict, score: 63 } });
      assert.deepEqual(decided.get('validation'), counts);
    });
  }

  const component = {
    ...{ name: 'safety', count: 100, errors: 4, errorTypes: {}, totalNs: 1, cacheHits: 0, cacheMisses: 0 },
    ...{ ratePerSecond: 0, active: 0, counters: {}, gauges: {} },
  };
  const lights: readonly [string, CheckCounts, string, string][] = [
    ['one check of many failed', { failed: 1, crashed: 0, warned: 3 }, 'error', '1 failed · 3 with a warning'],
    ['two checks warned', { failed: 0, crashed: 0, warned: 2 }, 'warning', '2 with a warning'],
    ['a check crashed', { failed: 0, crashed: 1, warned: 0 }, 'warning', '1 not completed'],
    ['all checks passed', { failed: 0, crashed: 0, warned: 0 }, 'ok', '4 failed'],
  ];
  for (const [condition, counts, light, reason] of lights) {
    it(`set the light to ${light} if ${condition}`, () => {
      assert.deepEqual(judgeLight(component, defaultThresholds, undefined, counts), { light, reason });
    });
  }
});

describe('the validation of a snapshot', () => {
  const recorder = () => new Recorder({ components: [], wallStartMs: 0, displayPathOf: (file) => file });
  const snapshot = (from: Recorder) =>
    buildSnapshot(from, {
      run: {
        ...{ id: '1', pipeline: 'validation', title: 'Validation', workspace: '/w', startedAt: '' },
        ...{ durationNs: 1e9, result: 'running' },
      },
      thresholds: defaultThresholds,
      hostNs: 0,
      range: 'live',
    });

  it('is the latest reported state, which decides the lights of its categories', () => {
    const recorded = recorder();
    recorded.ingest(batch(0, { ...state, checks: [] }), 0);
    recorded.ingest(batch(1, state), 0);
    recorded.ingest(batch(2), 0);
    const { validation, components } = snapshot(recorded);
    assert.deepEqual(validation, state);
    assert.deepEqual(
      components.map(({ name, light, reason }) => [name, light, reason]),
      [['safety', 'error', '1 failed · 1 with a warning']],
    );
  });

  it('is absent from other runs', () => {
    const recorded = recorder();
    recorded.ingest(batch(0), 0);
    assert.ok(!('validation' in snapshot(recorded)));
  });

  const malformed: readonly [string, unknown][] = [
    ['text instead of a state', 'ready'],
    ['a count that is missing', { ...state, failed: undefined }],
    ['a negative count', { ...state, passed: -1 }],
    ['an unknown status', { ...state, checks: [{ ...check('A', 'build', 'pass'), status: 'good' }] }],
    ['an unknown verdict', { ...state, outcome: { verdict: 'maybe', score: 1 } }],
    ['a score that is not a number', { ...state, outcome: { verdict: 'ready', score: '1' } }],
  ];
  for (const [name, validation] of malformed) {
    it(`rejects a batch with ${name}`, () => {
      assert.equal(isBatch({ ...batch(0), validation }), false);
    });
  }

  it('is accepted in a batch', () => {
    assert.ok(isBatch(batch(0, { ...state, outcome: { verdict: 'ready', score: 63 } })));
  });
});
