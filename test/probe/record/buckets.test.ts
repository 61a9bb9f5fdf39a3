import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { build, type JsHistogram } from 'hdr-histogram-js';
import { highestOf } from '../../../src/core/record/histogram.ts';
import { bucketCount, bucketOf, highestNs, lowestOf } from '../../../src/probe/record/buckets.ts';

const hdr = build({
  lowestDiscernibleValue: 1,
  highestTrackableValue: highestNs,
  numberOfSignificantValueDigits: 2,
  bitBucketSize: 32,
  useWebAssembly: false,
}) as JsHistogram;

const durations = fc.oneof(
  fc.integer({ min: 0, max: 1000 }),
  fc.double({ min: 0, max: 41.7, noNaN: true }).map((power) => Math.min(highestNs, Math.floor(2 ** power))),
);

describe('buckets of the guest', () => {
  it('are HdrHistogram’s own for every value', () => {
    fc.assert(
      fc.property(durations, (value) => {
        assert.equal(bucketOf(value), hdr.countsArrayIndex(value));
        assert.equal(lowestOf(bucketOf(value)), hdr.valueFromIndex(bucketOf(value)));
        assert.equal(highestOf(bucketOf(value)), hdr.highestEquivalentValue(value));
      }),
      { numRuns: 5000 },
    );
  });

  it('hold fractions with the whole number below', () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 0.999, noNaN: true }), (whole, part) => {
        assert.equal(bucketOf(Math.min(whole + part, highestNs)), bucketOf(whole));
      }),
    );
  });

  const edges: readonly [string, number, number][] = [
    ['a negative value', -5, 0],
    ['no number', Number.NaN, 0],
    ['zero', 0, 0],
    ['an hour', highestNs, bucketCount - 1],
    ['a day', 24 * highestNs, bucketCount - 1],
    ['infinity', Number.POSITIVE_INFINITY, bucketCount - 1],
  ];
  for (const [what, value, bucket] of edges) {
    it(`put ${what} on ${bucket}`, () => {
      assert.equal(bucketOf(value), bucket);
    });
  }
});
