import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { Recorder } from '../../../src/core/record/recorder.ts';
import { buildSnapshot } from '../../../src/core/snapshot/build-snapshot.ts';
import {
  computeComponentScore,
  computeHealth,
  defaultThresholds,
  type HealthTotals,
  judgedLookups,
  judgeLight,
  judgeRun,
  levelOf,
} from '../../../src/core/snapshot/health.ts';
import type { Batch } from '../../../src/protocol/batch/batch.ts';
import { bucketOf } from '../../../src/protocol/batch/buckets.ts';
import type { Run, Snapshot } from '../../../src/protocol/snapshot.ts';

const megabyte = 1048576;
const base: HealthTotals = { count: 100, errors: 5, hits: 80, misses: 20, meanNs: 2e9, memoryBytes: 500 * megabyte };

const state = {
  name: 'c',
  count: 100,
  errors: 0,
  errorTypes: {},
  totalNs: 1,
  cacheHits: 0,
  cacheMisses: 0,
  ratePerSecond: 0,
  active: 0,
  counters: {},
  gauges: {},
};

interface ComponentCalls {
  readonly count: number;
  readonly failedShare: number;
  readonly hits: number;
  readonly misses: number;
  readonly callNs: number;
}

const componentCalls: fc.Arbitrary<ComponentCalls> = fc.record({
  count: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 40 })),
  failedShare: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true })),
  hits: fc.integer({ min: 0, max: 60 }),
  misses: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 })),
  callNs: fc.oneof(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1e9, max: 40e9 })),
});

const results: fc.Arbitrary<Pick<Run, 'result' | 'exitCode' | 'signal'>> = fc.constantFrom(
  { result: 'running' },
  { result: 'success', exitCode: 0 },
  { result: 'cancellation', signal: 'SIGTERM' },
  { result: 'failure', exitCode: 1 },
  { result: 'error', signal: 'SIGKILL' },
);

/** Records one operation per component. The first component is a cache whose hit ratio is not judged. */
function snapshotOf(components: readonly ComponentCalls[], end: Pick<Run, 'result' | 'exitCode' | 'signal'>): Snapshot {
  const recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: (file) => file });
  const batch: Batch = {
    ...{ v: 1, source: '7.0', sequence: 0, atNs: 0, cost: { events: 0, flushNs: 0 } },
    hello: { pid: 7, threadId: 0, runtime: 'node', name: 'p', wallStartMs: 0, recordNs: 100 },
    definitions: components.map((_, id) => ({ id, component: `c${id}`, name: 'work', kind: 'stage' })),
    operations: components.map(({ count, failedShare, hits, misses, callNs }, id) => ({
      ...{ id, count, errors: Math.round(count * failedShare), totalNs: count * callNs },
      ...{ minNs: callNs, maxNs: callNs, hits, misses, buckets: [bucketOf(callNs), count] },
    })),
  };
  recorder.ingest(batch, 0);
  const run = { id: '1', pipeline: 'p', title: 'P', workspace: '/w', startedAt: '', durationNs: 1e9, ...end };
  const thresholds = { ...defaultThresholds, minHitRatios: { c0: 0 } };
  return buildSnapshot(recorder, { run, thresholds, hostNs: 0, range: 'live' });
}

describe('health', () => {
  it('computes parts and score of a reference example', () => {
    const { score, parts, level } = computeHealth(base);
    assert.deepEqual(
      parts.map(({ points }) => Math.round(points * 100) / 100),
      [24, 23.75, 23, 15],
    );
    assert.equal(score, 85.75);
    assert.equal(level, 'excellent');
  });

  it('does not penalize a pipeline without a cache', () => {
    const withoutCache = { count: 1000, errors: 2, hits: 0, misses: 0, meanNs: 2.4e6, memoryBytes: 234.7 * megabyte };
    assert.equal(computeHealth(withoutCache).score?.toFixed(2), '96.57');
    assert.equal(computeHealth({ ...withoutCache, hits: 873, misses: 127 }).score?.toFixed(2), '93.79');
    assert.deepEqual(
      computeHealth(withoutCache).parts.map(({ name }) => name),
      ['success', 'speed', 'memory'],
    );
  });

  it('has no score without calls', () => {
    assert.equal(computeHealth({ count: 0, errors: 0, hits: 0, misses: 0, meanNs: 0 }).score, undefined);
  });

  it('stays within 0 and 100', () => {
    const worst = computeHealth({ count: 1, errors: 5, hits: 0, misses: 9, meanNs: 1e15, memoryBytes: 1e15 });
    assert.equal(worst.score, 0);
    assert.equal(worst.level, 'critical');
    assert.equal(computeHealth({ count: 1, errors: 0, hits: 1, misses: 0, meanNs: 0, memoryBytes: 0 }).score, 100);
  });

  const levels: readonly [number, string][] = [
    [100, 'excellent'],
    [80, 'excellent'],
    [79.9, 'good'],
    [60, 'good'],
    [59.9, 'warning'],
    [40, 'warning'],
    [39.9, 'critical'],
    [0, 'critical'],
  ];
  for (const [score, level] of levels) {
    it(`rates a score of ${score} as ${level}`, () => {
      assert.equal(levelOf(score), level);
    });
  }

  it('subtracts 30 for errors and 20 for misses from the score of a component', () => {
    assert.equal(computeComponentScore({ count: 100, errors: 12, hits: 40, misses: 60 }, 'off'), 50);
    assert.equal(computeComponentScore({ count: 100, errors: 0, hits: 0, misses: 0 }, 'off'), 100);
    assert.equal(computeComponentScore({ count: 0, errors: 0, hits: 0, misses: 0 }, 'off'), undefined);
  });

  it('keeps the score of a component in the range of its light', () => {
    assert.equal(computeComponentScore({ count: 100, errors: 12, hits: 0, misses: 0 }, 'error'), 39);
    assert.equal(computeComponentScore({ count: 100, errors: 0, hits: 60, misses: 40 }, 'warning'), 59);
    assert.equal(computeComponentScore({ count: 100, errors: 12, hits: 10, misses: 90 }, 'ok'), 60);
  });

  it('takes the light of the worst component as that of the run', () => {
    const components = [
      { name: 'a', light: 'ok', reason: 'ok' },
      { name: 'b', light: 'warning', reason: 'p95 31 s, above 30 s' },
      { name: 'c', light: 'error', reason: '2 of 2 failed' },
      { name: 'd', light: 'off', reason: 'no data yet' },
    ] as const;
    const [a, b, , d] = components;
    assert.deepEqual(judgeRun({ result: 'success' }, components), { light: 'error', reason: 'c: 2 of 2 failed' });
    assert.deepEqual(judgeRun({ result: 'running' }, [a, b]), { light: 'warning', reason: 'b: p95 31 s, above 30 s' });
    assert.deepEqual(judgeRun({ result: 'success' }, [d, a]), { light: 'ok' });
    assert.deepEqual(judgeRun({ result: 'success' }, [d]), { light: 'off' });
  });

  const ends: readonly [string, Parameters<typeof judgeRun>[0], string, string | undefined][] = [
    ['failed with an exit code', { result: 'failure', exitCode: 3 }, 'error', 'exit code 3'],
    ['was killed', { result: 'error', signal: 'SIGSEGV' }, 'error', 'terminated by SIGSEGV'],
    ['was stopped by the user', { result: 'cancellation', signal: 'SIGTERM' }, 'off', undefined],
  ];
  for (const [end, run, light, reason] of ends) {
    it(`judges a run without data that ${end} as ${light}`, () => {
      const judgement = judgeRun(run, []);
      assert.equal(judgement.light, light);
      assert.equal(judgement.reason, reason);
      const { score, level } = computeHealth({ count: 0, errors: 0, hits: 0, misses: 0, meanNs: 0 }, judgement);
      assert.equal(score, undefined);
      assert.equal(level, light === 'error' ? 'critical' : undefined);
    });
  }

  it('does not count lookups whose ratio no light judges', () => {
    const thresholds = { ...defaultThresholds, minHitRatios: { free: 0 } };
    const few = { hits: 1, misses: 18 };
    const enough = { hits: 1, misses: 19 };
    assert.deepEqual(judgedLookups({ name: 'c', ...enough }, thresholds), enough);
    assert.deepEqual(judgedLookups({ name: 'c', ...few }, thresholds), { hits: 0, misses: 0 });
    assert.deepEqual(judgedLookups({ name: 'free', ...enough }, thresholds), { hits: 0, misses: 0 });
  });

  it('never contradicts the lights of the components or the result of the run', () => {
    const icons = { excellent: 'ok', good: 'ok', warning: 'warning', critical: 'error' } as const;
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(fc.array(componentCalls, { minLength: 1, maxLength: 4 }), results, (components, run) => {
        const { health, components: states } = snapshotOf(components, run);
        const { score, level } = health;
        if (score !== undefined) assert.equal(level, levelOf(score));
        const failed = run.result === 'failure' || run.result === 'error';
        const lights = states.map(({ light }) => light);
        const worst = failed ? 'error' : (['error', 'warning', 'ok'] as const).find((light) => lights.includes(light));
        if (worst === undefined) assert.equal(level, undefined);
        else assert.equal(level && icons[level], worst);
        for (const state of states) {
          if (state.score !== undefined) assert.equal(icons[levelOf(state.score)], state.light);
        }
        seen.set(`${level}`, (seen.get(`${level}`) ?? 0) + 1);
      }),
      { numRuns: 500 },
    );
    // Every level occurs, so the comparison above is not empty.
    assert.deepEqual([...seen.keys()].sort(), ['critical', 'excellent', 'good', 'undefined', 'warning']);
  });

  const lights: readonly [string, Partial<typeof state> & { p95Ns?: number }, string, RegExp][] = [
    ['there are no calls', { count: 0 }, 'off', /no data/],
    ['the only call succeeded', { count: 1 }, 'ok', /ok/],
    ['one of two calls failed', { count: 2, errors: 1 }, 'warning', /1 of 2 failed/],
    ['both calls failed', { count: 2, errors: 2 }, 'error', /2 of 2 failed/],
    ['5 % of the calls failed', { errors: 5 }, 'ok', /5 failed/],
    ['6 % of the calls failed', { errors: 6, errorTypes: { timeout: 5, other: 1 } }, 'warning', /mostly timeout/],
    ['11 % of the calls failed', { errors: 11 }, 'error', /11 of 100 failed/],
    ['the hit ratio of a cache is too low', { cacheHits: 69, cacheMisses: 31 }, 'warning', /cache hits 69/],
    ['the hit ratio of a cache is high enough', { cacheHits: 70, cacheMisses: 30 }, 'ok', /ok/],
    ['a cache had only a few lookups', { cacheHits: 1, cacheMisses: 18 }, 'ok', /ok/],
    ['calls are too slow', { p95Ns: 31e9 }, 'warning', /p95/],

    ['there are counters', { counters: { files: 1247 } }, 'ok', /1\.2k files · ok/],
  ];
  it('uses the hit ratio limit of a component if it has one', () => {
    const thresholds = { ...defaultThresholds, minHitRatios: { c: 0.1 } };
    const cache = { ...state, cacheHits: 15, cacheMisses: 85 };
    assert.equal(judgeLight(cache, thresholds).light, 'ok');
    assert.match(judgeLight({ ...cache, cacheHits: 5 }, thresholds).reason, /below 10/);
    assert.equal(judgeLight({ ...cache, name: 'other' }, thresholds).light, 'warning');
  });

  it('turns the light off for a component that was only sampled and reports its self time', () => {
    const uncounted = { ...state, count: 0 };
    const { light, reason } = judgeLight(uncounted, defaultThresholds, 1.2e9);
    assert.deepEqual([light, reason], ['off', 'sampled: ~1.20 s self time, calls are not counted']);
    assert.equal(judgeLight(uncounted, defaultThresholds).reason, 'no data yet');
  });

  for (const [condition, changes, light, reason] of lights) {
    it(`shows the light ${light} if ${condition}`, () => {
      const judged = judgeLight({ ...state, ...changes }, defaultThresholds);
      assert.equal(judged.light, light);
      assert.match(judged.reason, reason);
    });
  }
});
