import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { bootstrap, dice, holm, mad, mannWhitney, median, upperNormal } from '../../src/core/statistics.ts';

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

  it('agrees with scipy on samples with and without ties, where scipy is installed', function () {
    const random = dice(3);
    const pairs = [5, 8, 9, 20, 40].flatMap((n) =>
      [1, 1000].map((grain) => [
        Array.from({ length: n }, () => Math.round(random() * 50 * grain)),
        Array.from({ length: n + 3 }, () => Math.round(random() * 60 * grain)),
      ]),
    );
    const program =
      'import json,sys\nfrom scipy.stats import mannwhitneyu as m\nprint(json.dumps([m(a,b,alternative="two-sided").pvalue for a,b in json.load(sys.stdin)]))';
    let told: number[];
    try {
      told = JSON.parse(
        execFileSync('python3', ['-c', program], { input: JSON.stringify(pairs), encoding: 'utf8', stdio: 'pipe' }),
      );
    } catch {
      if (this.test) this.test.title += ' (pending: no scipy here)';
      this.skip();
    }
    assert.equal(told.length, pairs.length);
    pairs.forEach(([a = [], b = []], index) => {
      assert.ok(Math.abs(mannWhitney(a, b).p - (told[index] as number)) < 1e-6, `${index}`);
    });
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
    const random = dice(2);
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
    const random = dice(11);
    let covered = 0;
    for (let trial = 0; trial < 300; trial++) {
      const sample = Array.from({ length: 25 }, () => -Math.log(1 - random()));
      const { low, high } = bootstrap(sample, median, { random, resamples: 400 });
      if (low <= Math.LN2 && Math.LN2 <= high) covered++;
    }
    assert.ok(covered >= 270 && covered <= 299, `${covered} of 300`);
  });

  it('throws the same dice for the same seed', () => {
    const [one, two, other] = [dice(5), dice(5), dice(6)];
    const rolls = Array.from({ length: 5 }, one);
    assert.deepEqual(Array.from({ length: 5 }, two), rolls);
    assert.notDeepEqual(Array.from({ length: 5 }, other), rolls);
    assert.ok(rolls.every((roll) => roll >= 0 && roll < 1));
  });
});
