import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  bootstrapRatio,
  holm,
  type Interval,
  mad,
  mannWhitney,
  medianInterval,
  seededRandom,
  upperNormal,
} from '../../../src/core/statistics/statistics.ts';
import { mannKendall } from '../../../src/core/statistics/trend.ts';

/** Written by `test/fixtures/scipy/values.py`, which feeds scipy with the draws of our random generator. */
interface Scipy {
  readonly rows: readonly {
    readonly a: readonly number[];
    readonly b: readonly number[];
    readonly p: number;
    readonly trend: number;
    /** Null for fewer values than a 95 % interval needs. */
    readonly median: readonly number[] | null;
    readonly ratio: readonly number[];
  }[];
  readonly holm: readonly number[];
}

/** Computed by scipy 1.17.1: `mannwhitneyu(a, b, alternative='two-sided')`. */
const references: readonly { a: number[]; b: number[]; u: number; p: number }[] = [
  { a: [1, 2, 3, 4], b: [5, 6, 7, 8], u: 0, p: 0.02857142857142857 },
  { a: [19, 22, 16, 29, 24], b: [20, 11, 17, 12], u: 17, p: 0.1111111111111111 },
  { a: [1, 2, 2, 3], b: [2, 4, 5, 5, 6], u: 2.0, p: 0.06056886020265745 },
];

describe('statistics', () => {
  references.forEach(({ a, b, u, p }, index) => {
    it(`compute the p value of reference example ${index + 1}`, () => {
      const test = mannWhitney(a, b);
      assert.equal(test.u, u);
      assert.ok(Math.abs(test.p - p) < 1e-9, `${test.p} instead of ${p}`);
    });
  });

  it('agree with scipy on every p value and interval to six digits', () => {
    const values: Scipy = JSON.parse(
      readFileSync(new URL('../../fixtures/scipy/values.json', import.meta.url), 'utf8'),
    );
    assert.equal(values.rows.length, 21);
    const near = (actual: number, expected: number, name: string): void =>
      assert.ok(
        Math.abs(actual - expected) <= 1e-6 * Math.max(1e-6, Math.abs(expected)),
        `${name}: ${actual} instead of ${expected}`,
      );
    const nearBoth = ({ low, high }: Interval, expected: readonly number[], name: string): void => {
      near(low, expected[0] as number, `${name}, low`);
      near(high, expected[1] as number, `${name}, high`);
    };
    const ps = values.rows.map(({ a, b, ...expected }, index) => {
      const row = `row ${index}`;
      const { p } = mannWhitney(b, a);
      near(p, expected.p, `${row}, p`);
      near(mannKendall(a), expected.trend, `${row}, trend`);
      const interval = medianInterval(a);
      if (expected.median === null) assert.equal(interval, undefined, `${row}, median of ${a.length}`);
      else nearBoth(interval as Interval, expected.median, `${row}, median`);
      nearBoth(bootstrapRatio(a, b, { random: seededRandom(5), resamples: 500 }), expected.ratio, `${row}, ratio`);
      return p;
    });
    for (const [index, p] of holm(ps).entries()) near(p, values.holm[index] as number, `holm ${index}`);
  });

  it('compute the same p value in either order of the samples', () => {
    const sample = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const { p } = mannWhitney(a, b);
        assert.ok(p > 0 && p <= 1);
        assert.ok(Math.abs(p - mannWhitney(b, a).p) < 1e-9);
      }),
    );
  });

  it('find a difference between identical distributions in one of a hundred trials at p < 0.01', () => {
    const random = seededRandom(2);
    const sample = (): number[] => Array.from({ length: 20 }, () => -Math.log(1 - random()));
    let significant = 0;
    for (let trial = 0; trial < 5000; trial++) if (mannWhitney(sample(), sample()).p < 0.01) significant++;
    assert.ok(significant > 20 && significant < 70, `${significant} of 5000`);
  });

  it('compute the tail of the normal distribution', () => {
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

  it('apply Holm’s correction', () => {
    assert.deepEqual(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02]);
    assert.deepEqual(holm([]), []);
  });

  it('compute a median absolute deviation that is robust against outliers', () => {
    assert.equal(mad([1, 1, 2, 2, 4, 6, 9]), 1);
    assert.equal(mad([1, 1, 2, 2, 4, 6, 9000]), 1);
  });

  it('cover the true median in at least 95 of 100 intervals, however few the values and whatever their distribution', () => {
    const random = seededRandom(11);
    const draws: readonly [() => number, number][] = [
      [() => -Math.log(1 - random()), Math.LN2],
      [() => 5 + random(), 5.5],
    ];
    for (const [draw, truth] of draws) {
      for (const n of [6, 7, 8, 10, 15, 20, 25, 30]) {
        let covered = 0;
        for (let trial = 0; trial < 2000; trial++) {
          const { low, high } = medianInterval(Array.from({ length: n }, draw)) as Interval;
          if (low <= truth && truth <= high) covered++;
        }
        // Three standard errors of a share of 95 % below it.
        assert.ok(covered >= 1870, `${covered} of 2000 for ${n} values`);
      }
    }
  });

  it('have an interval of the median for a hundred thousand values, and none for five', () => {
    assert.equal(medianInterval([1, 2, 3, 4, 5]), undefined);
    assert.deepEqual(medianInterval([6, 1, 2, 5, 3, 4]), { low: 1, high: 6 });
    const { low, high } = medianInterval(Array.from({ length: 100_000 }, (_, index) => index)) as Interval;
    // 1.96 × √n / 2 ranks on each side.
    assert.ok(Math.abs(low - (50_000 - 310)) < 3 && Math.abs(high - (50_000 + 310)) < 3, `${low} to ${high}`);
  });

  it('generate the same random numbers for the same seed', () => {
    const [first, second, other] = [seededRandom(5), seededRandom(5), seededRandom(6)];
    const values = Array.from({ length: 5 }, first);
    assert.deepEqual(Array.from({ length: 5 }, second), values);
    assert.notDeepEqual(Array.from({ length: 5 }, other), values);
    assert.ok(values.every((value) => value >= 0 && value < 1));
  });
});
