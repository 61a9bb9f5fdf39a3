import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  type Bounds,
  bootstrapMedian,
  bootstrapRatio,
  seededRandom,
  holm,
  mad,
  mannWhitney,
  upperNormal,
} from '../../../src/core/statistics/statistics.ts';
import { mannKendall } from '../../../src/core/statistics/trend.ts';

/** Written by `test/fixtures/scipy/values.py`, which hands scipy the draws of our own dice. */
interface Scipy {
  readonly rows: readonly {
    readonly a: readonly number[];
    readonly b: readonly number[];
    readonly p: number;
    readonly trend: number;
    readonly median: readonly number[];
    readonly ratio: readonly number[];
  }[];
  readonly holm: readonly number[];
}

/** Computed by scipy 1.17.1, `mannwhitneyu(a, b, alternative='two-sided')`. */
const known: readonly { a: number[]; b: number[]; u: number; p: number }[] = [
  { a: [1, 2, 3, 4], b: [5, 6, 7, 8], u: 0, p: 0.02857142857142857 },
  { a: [19, 22, 16, 29, 24], b: [20, 11, 17, 12], u: 17, p: 0.1111111111111111 },
  { a: [1, 2, 2, 3], b: [2, 4, 5, 5, 6], u: 2.0, p: 0.06056886020265745 },
];

describe('statistics', () => {
  known.forEach(({ a, b, u, p }, index) => {
    it(`finds the p value of known example ${index + 1}`, () => {
      const test = mannWhitney(a, b);
      assert.equal(test.u, u);
      assert.ok(Math.abs(test.p - p) < 1e-9, `${test.p} for ${p}`);
    });
  });

  it('equals scipy in every p and every interval to six digits', () => {
    const values: Scipy = JSON.parse(
      readFileSync(new URL('../../fixtures/scipy/values.json', import.meta.url), 'utf8'),
    );
    assert.equal(values.rows.length, 21);
    const near = (mine: number, theirs: number, what: string): void =>
      assert.ok(Math.abs(mine - theirs) <= 1e-6 * Math.max(1e-6, Math.abs(theirs)), `${what}: ${mine}, not ${theirs}`);
    const nearBoth = ({ low, high }: Bounds, theirs: readonly number[], what: string): void => {
      near(low, theirs[0] as number, `${what}, low`);
      near(high, theirs[1] as number, `${what}, high`);
    };
    const ps = values.rows.map(({ a, b, ...theirs }, index) => {
      const what = `row ${index}`;
      const { p } = mannWhitney(b, a);
      near(p, theirs.p, `${what}, p`);
      near(mannKendall(a), theirs.trend, `${what}, trend`);
      nearBoth(bootstrapMedian(a, { random: seededRandom(3), resamples: 500 }), theirs.median, `${what}, median`);
      nearBoth(bootstrapRatio(a, b, { random: seededRandom(5), resamples: 500 }), theirs.ratio, `${what}, ratio`);
      return p;
    });
    for (const [index, p] of holm(ps).entries()) near(p, values.holm[index] as number, `holm ${index}`);
  });

  it('gives the same p whichever sample comes first', () => {
    const sample = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const { p } = mannWhitney(a, b);
        assert.ok(p > 0 && p <= 1);
        assert.ok(Math.abs(p - mannWhitney(b, a).p) < 1e-9);
      }),
    );
  });

  it('finds a difference between the same and the same in one of a hundred, at p < 0.01', () => {
    const random = seededRandom(2);
    const sample = (): number[] => Array.from({ length: 20 }, () => -Math.log(1 - random()));
    let found = 0;
    for (let trial = 0; trial < 5000; trial++) if (mannWhitney(sample(), sample()).p < 0.01) found++;
    assert.ok(found > 20 && found < 70, `${found} of 5000`);
  });

  it('knows the tail of the normal distribution', () => {
    const table: readonly [number, number][] = [
      [0, 0.5],
      [1, 0.15865525393145707],
      [1.959963984540054, 0.025],
      [2.6, 0.004661188023718747],
      [5, 2.866515718791933e-7],
      [-1, 0.8413447460685429],
    ];
    for (const [z, p] of table) assert.ok(Math.abs(upperNormal(z) - p) < 1e-12, `${z}`);
  });

  it('corrects by Holm’s method', () => {
    assert.deepEqual(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02]);
    assert.deepEqual(holm([]), []);
  });

  it('finds spread that an outlier does not move', () => {
    assert.equal(mad([1, 1, 2, 2, 4, 6, 9]), 1);
    assert.equal(mad([1, 1, 2, 2, 4, 6, 9000]), 1);
  });

  it('covers the true median about 95 times of 100', () => {
    const random = seededRandom(11);
    let covered = 0;
    for (let trial = 0; trial < 300; trial++) {
      const sample = Array.from({ length: 25 }, () => -Math.log(1 - random()));
      const { low, high } = bootstrapMedian(sample, { random, resamples: 400 });
      if (low <= Math.LN2 && Math.LN2 <= high) covered++;
    }
    assert.ok(covered >= 270 && covered <= 299, `${covered} of 300`);
  });

  it('throws the same dice for the same seed', () => {
    const [one, two, other] = [seededRandom(5), seededRandom(5), seededRandom(6)];
    const rolls = Array.from({ length: 5 }, one);
    assert.deepEqual(Array.from({ length: 5 }, two), rolls);
    assert.notDeepEqual(Array.from({ length: 5 }, other), rolls);
    assert.ok(rolls.every((roll) => roll >= 0 && roll < 1));
  });
});
