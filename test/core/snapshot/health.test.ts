import { strict as assert } from 'node:assert';
import {
  componentScore,
  defaultThresholds,
  healthOf,
  levelOf,
  lightOf,
  type Totals,
} from '../../../src/core/snapshot/health.ts';

const megabyte = 1048576;
const base: Totals = { count: 100, errors: 5, hits: 80, misses: 20, meanNs: 2e9, memoryBytes: 500 * megabyte };

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
  it('gives the parts and the score of the known example', () => {
    const { score, parts, level } = healthOf(base);
    assert.deepEqual(
      parts.map(({ points }) => Math.round(points * 100) / 100),
      [24, 23.75, 23, 15],
    );
    assert.equal(score, 85.75);
    assert.equal(level, 'excellent');
  });

  it('does not punish a pipeline for having no cache', () => {
    const known = { count: 1000, errors: 2, hits: 0, misses: 0, meanNs: 2.4e6, memoryBytes: 234.7 * megabyte };
    assert.equal(healthOf(known).score?.toFixed(2), '96.57');
    assert.equal(healthOf({ ...known, hits: 873, misses: 127 }).score?.toFixed(2), '93.79');
    assert.deepEqual(
      healthOf(known).parts.map(({ name }) => name),
      ['success', 'speed', 'memory'],
    );
  });

  it('has no score while nothing is known', () => {
    assert.equal(healthOf({ count: 0, errors: 0, hits: 0, misses: 0, meanNs: 0 }).score, undefined);
  });

  it('stays within 0 and 100', () => {
    const worst = healthOf({ count: 1, errors: 5, hits: 0, misses: 9, meanNs: 1e15, memoryBytes: 1e15 });
    assert.equal(worst.score, 0);
    assert.equal(worst.level, 'critical');
    assert.equal(healthOf({ count: 1, errors: 0, hits: 1, misses: 0, meanNs: 0, memoryBytes: 0 }).score, 100);
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
    it(`calls ${score} ${level}`, () => {
      assert.equal(levelOf(score), level);
    });
  }

  it('takes 30 for errors and 20 for misses from a component', () => {
    assert.equal(componentScore({ count: 100, errors: 12, hits: 40, misses: 60 }), 50);
    assert.equal(componentScore({ count: 100, errors: 0, hits: 0, misses: 0 }), 100);
    assert.equal(componentScore({ count: 0, errors: 0, hits: 0, misses: 0 }), undefined);
  });

  const lights: readonly [string, Partial<typeof state> & { p95Ns?: number }, string, RegExp][] = [
    ['nothing happened', { count: 0 }, 'off', /no data/],
    ['one operation went well', { count: 1 }, 'ok', /ok/],
    ['one of two failed', { count: 2, errors: 1 }, 'warning', /1 of 2 failed/],
    ['both failed', { count: 2, errors: 2 }, 'error', /2 of 2 failed/],
    ['5 % failed', { errors: 5 }, 'ok', /5 failed/],
    ['6 % failed', { errors: 6, errorTypes: { timeout: 5, other: 1 } }, 'warning', /mostly timeout/],
    ['11 % failed', { errors: 11 }, 'error', /11 of 100 failed/],
    ['a cache hits too seldom', { cacheHits: 69, cacheMisses: 31 }, 'warning', /cache hits 69/],
    ['a cache hits often enough', { cacheHits: 70, cacheMisses: 30 }, 'ok', /ok/],
    ['a cache was hardly asked', { cacheHits: 1, cacheMisses: 18 }, 'ok', /ok/],
    ['calls are too slow', { p95Ns: 31e9 }, 'warning', /p95/],
    [
      'one check of many failed',
      { errors: 1, errorTypes: { check_failed: 1, check_warned: 3 } },
      'error',
      /^1 failed · 3 w/,
    ],
    ['a check warned', { count: 2, errors: 2, errorTypes: { check_warned: 2 } }, 'warning', /^2 with a warning$/],
    ['a check could not be made', { errors: 1, errorTypes: { check_crashed: 1 } }, 'warning', /^1 not made$/],
    ['things were counted', { counters: { files: 1247 } }, 'ok', /1\.2k files · ok/],
  ];
  it('judges a cache by its own measure where it has one', () => {
    const thresholds = { ...defaultThresholds, minHitRatios: { c: 0.1 } };
    const cache = { ...state, cacheHits: 15, cacheMisses: 85 };
    assert.equal(lightOf(cache, thresholds).light, 'ok');
    assert.match(lightOf({ ...cache, cacheHits: 5 }, thresholds).reason, /below 10/);
    assert.equal(lightOf({ ...cache, name: 'other' }, thresholds).light, 'warning');
  });

  it('gives no light to what was only sampled, and says what looks tell', () => {
    const unseen = { ...state, count: 0 };
    const { light, reason } = lightOf(unseen, defaultThresholds, 1.2e9);
    assert.deepEqual([light, reason], ['off', 'sampled: ~1.20 s of its own, calls are not counted']);
    assert.equal(lightOf(unseen, defaultThresholds).reason, 'no data yet');
  });

  for (const [what, changes, light, reason] of lights) {
    it(`lights ${light} when ${what}`, () => {
      const told = lightOf({ ...state, ...changes }, defaultThresholds);
      assert.equal(told.light, light);
      assert.match(told.reason, reason);
    });
  }
});
