import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { build, type JsHistogram } from 'hdr-histogram-js';
import { bucketCount, bucketOf, highestNs, highestOf, lowestOf } from '../../../src/protocol/batch/buckets.ts';

const hdr = build({
  lowestDiscernibleValue: 1,
  highestTrackableValue: highestNs,
  numberOfSignificantValueDigits: 2,
  bitBucketSize: 32,
  useWebAssembly: false,
}) as JsHistogram;

const durations = fc.oneof(
  fc.integer({ min: 0, max: 1000 }),
  fc.double({ min: 0, max: 53, noNaN: true }).map((power) => Math.min(highestNs, Math.floor(2 ** power))),
);

/** Defines the layout by logarithm instead of by bits. */
function bucketByLogarithm(valueNs: number): number {
  const value = Math.floor(Math.min(valueNs, highestNs));
  if (!(value >= 256)) return value > 0 ? value : 0;
  const doublings = Math.floor(Math.log2(value)) - 7;
  return doublings * 128 + Math.floor(value / 2 ** doublings);
}

describe('bucket layout', () => {
  it('equals the layout of HdrHistogram for every value', () => {
    fc.assert(
      fc.property(durations, (value) => {
        assert.equal(bucketOf(value), hdr.countsArrayIndex(value));
        assert.equal(lowestOf(bucketOf(value)), hdr.valueFromIndex(bucketOf(value)));
        assert.equal(highestOf(bucketOf(value)), hdr.highestEquivalentValue(value));
      }),
      { numRuns: 5000 },
    );
  });

  it('equals its definition by logarithm, also around powers of two', () => {
    const powers = Array.from({ length: 53 }, (_, power) => 2 ** power);
    for (const value of powers.flatMap((power) => [power - 1, power, power + 1, power + 0.5, -power])) {
      assert.equal(bucketOf(value), bucketByLogarithm(value), `${value}`);
    }
    fc.assert(fc.property(fc.double({ min: 0, max: 4e15 }), (value) => bucketOf(value) === bucketByLogarithm(value)));
  });

  it('puts a fraction into the bucket of the next lower integer', () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 0.999, noNaN: true }), (integer, fraction) => {
        assert.equal(bucketOf(Math.min(integer + fraction, highestNs)), bucketOf(integer));
      }),
    );
  });

  const edges: readonly [string, number, number][] = [
    ['a negative value', -5, 0],
    ['NaN', Number.NaN, 0],
    ['zero', 0, 0],
    ['one hour', 3600e9, 4561],
    ['the longest duration', highestNs, bucketCount - 1],
    ['a year', 365 * 86_400e9, bucketCount - 1],
    ['infinity', Number.POSITIVE_INFINITY, bucketCount - 1],
  ];
  for (const [name, value, bucket] of edges) {
    it(`puts ${name} into bucket ${bucket}`, () => {
      assert.equal(bucketOf(value), bucket);
    });
  }
});
