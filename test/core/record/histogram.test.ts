import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { Histogram } from '../../../src/core/record/histogram.ts';
import { seededRandom } from '../../../src/core/statistics/statistics.ts';
import { bucketCount, bucketOf } from '../../../src/protocol/batch/buckets.ts';
import { MemoryBudget } from '../../../src/protocol/batch/memory-budget.ts';

/** Returns the nearest-rank percentile of sorted values, as the reference. */
function exactPercentile(values: readonly number[], percentile: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percentile / 100) * sorted.length) - 1)] as number;
}

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.add([bucketOf(value), 1]);
  return histogram;
}

const random = seededRandom(7);
const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const draw = (next: () => number): number[] => Array.from({ length: 20_000 }, () => Math.max(1, Math.round(next())));

const distributions: Readonly<Record<string, readonly number[]>> = {
  uniform: draw(() => 1000 + random() * 1e6),
  'log-normal': draw(() => 1e6 * Math.exp(normal())),
  exponential: draw(() => -2e6 * Math.log(1 - random())),
  bimodal: draw(() => (random() < 0.7 ? 5e5 + 1e4 * normal() : 4e7 + 1e6 * normal())),
  'heavy tail': draw(() => 1e4 / (1 - random()) ** 0.9),
};

describe('histogram', () => {
  for (const [name, values] of Object.entries(distributions)) {
    it(`is within 1 % of an exact sort of a ${name} distribution`, () => {
      const percentiles = [1, 25, 50, 75, 90, 95, 99, 99.9, 100];
      const actual = histogramOf(values).valuesAt(percentiles);
      percentiles.forEach((percentile, index) => {
        const expected = exactPercentile(values, percentile);
        const error = Math.abs((actual[index] as number) - expected) / expected;
        assert.ok(error <= 0.01, `p${percentile}: ${actual[index]} instead of ${expected}`);
      });
    });
  }

  it('uses the nearest rank, so that the median of 1 to 100 is 50', () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);
    assert.deepEqual(histogramOf(values).valuesAt([1, 50, 95, 99, 100]), [1, 50, 95, 99, 100]);
  });

  it('has the same percentiles whether it is merged or recorded at once', () => {
    const durations = fc.array(fc.integer({ min: 0, max: 3_600_000_000 }), { maxLength: 200 });
    fc.assert(
      fc.property(durations, durations, (first, second) => {
        const merged = histogramOf(first);
        merged.add(second.flatMap((value) => [bucketOf(value), 1]));
        assert.deepEqual(merged.valuesAt([50, 95, 99]), histogramOf([...first, ...second]).valuesAt([50, 95, 99]));
      }),
    );
  });

  it('keeps every count when it is encoded and decoded by hdr-histogram-js', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1e12 }), { minLength: 1, maxLength: 100 }), (values) => {
        const histogram = histogramOf(values);
        const decoded = decodeFromCompressedBase64(histogram.encode(), 64, false);
        assert.equal(decoded.totalCount, values.length);
        assert.equal(decoded.getValueAtPercentile(95), histogram.valuesAt([95])[0]);
      }),
      { numRuns: 50 },
    );
  });

  it('holds more calls than fit into 32 bits', () => {
    const histogram = new Histogram();
    histogram.add([10, 2 ** 31 - 10]);
    histogram.add([10, 2 ** 31, 200, 1]);
    assert.equal(histogram.count, 2 ** 32 - 9);
    assert.deepEqual(histogram.valuesAt([50, 100]), [10, 200]);
  });

  it('holds durations of days', () => {
    const hours = 3600e9;
    const [median, longest] = histogramOf([40 * hours, 40 * hours, 2400 * hours]).valuesAt([50, 100]) as [
      number,
      number,
    ];
    assert.ok(Math.abs(median / (40 * hours) - 1) < 0.01 && Math.abs(longest / (2400 * hours) - 1) < 0.01);
  });

  it('can be encoded with more calls than a number can count', () => {
    const histogram = new Histogram();
    for (let times = 0; times < 5; times++) histogram.add([10, 2 ** 53 - 1, bucketCount - 1, 2 ** 53 - 1, 300, 1]);
    const decoded = decodeFromCompressedBase64(histogram.encode(), 64, false);
    assert.equal(decoded.getValueAtPercentile(40), 10);
  });

  it('keeps only the buckets that its budget has room for', () => {
    const histogram = new Histogram(new MemoryBudget(1000));
    const skipped = histogram.add(Array.from({ length: 100 }, (_, page) => [32 * page, 2]).flat());
    assert.ok(histogram.count > 0 && skipped > 0);
    assert.equal(histogram.count + skipped, 200);
  });

  it('returns zeros if it is empty', () => {
    assert.deepEqual(new Histogram().valuesAt([50, 99]), [0, 0]);
  });

  it('skips calls in buckets outside the layout and returns their number', () => {
    const histogram = new Histogram();
    assert.equal(histogram.add([bucketCount + 500, 3, 5, 2]), 3);
    assert.equal(histogram.count, 2);
  });
});
