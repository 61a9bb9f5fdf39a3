/**
 * HdrHistogram's bucket layout (lowest value 1, two significant digits), without the library: guests count calls into
 * these buckets, and the host adds the counts to a real HdrHistogram without loss.
 *
 * Below 256 a bucket is one value wide. Above, each power of two is split into 128 equal buckets, so that no value is
 * further than 1/256 from the middle of its bucket. Source: HdrHistogram's `countsArrayIndex`, with a sub-bucket count of
 * 256.
 */

/** Largest value with a bucket, and the largest exact integer: 104 days in nanoseconds. */
export const highestNs = Number.MAX_SAFE_INTEGER;

const halfCount = 128;
const float = new Float64Array(1);
const halves = new Uint32Array(float.buffer);
const highHalf = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;
/** (exponent bias + 6) << 7: maps the value 128 to index 128. */
const offset = (1023 + 6) << 7;

/**
 * Returns the index of the bucket of a duration. Values above `highestNs` get the last bucket, negative ones and NaN the
 * first. Reads the exponent from the bits of the double, since this runs in the hot path of the guest.
 */
export function bucketOf(valueNs: number): number {
  if (!(valueNs >= halfCount)) return valueNs > 0 ? valueNs | 0 : 0;
  float[0] = Math.min(valueNs, highestNs);
  return ((halves[highHalf] as number) / 8192 - offset) | 0;
}

/** Lowest value of a bucket, in nanoseconds. */
export function lowestOf(bucket: number): number {
  if (bucket < 2 * halfCount) return bucket;
  return (halfCount + (bucket % halfCount)) * 2 ** (Math.floor(bucket / halfCount) - 1);
}

/** Highest value of a bucket, in nanoseconds: one less than the lowest value of the next bucket. */
export function highestOf(bucket: number): number {
  return lowestOf(bucket + 1) - 1;
}

export const bucketCount = bucketOf(highestNs) + 1;
