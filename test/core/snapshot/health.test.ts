import { strict as assert } from 'node:assert';
import {
  computeComponentScore,
  computeHealth,
  defaultThresholds,
  type HealthTotals,
  judgeLight,
  levelOf,
} from '../../../src/core/snapshot/health.ts';

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
    assert.equal(computeComponentScore({ count: 100, errors: 12, hits: 40, misses: 60 }), 50);
    assert.equal(computeComponentScore({ count: 100, errors: 0, hits: 0, misses: 0 }), 100);
    assert.equal(computeComponentScore({ count: 0, errors: 0, hits: 0, misses: 0 }), undefined);
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
