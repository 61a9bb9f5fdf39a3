/**
 * The bucket layout of HdrHistogram (lowest 1, two significant digits): found from the bits of a double, so that the
 * guest needs no library and the host can add counts to a real HdrHistogram without loss.
 *
 * Below 128 a bucket is one value wide. Above, each power of two has 128 equal buckets, so that no value is further
 * than 1/256 from its bucket's middle. Source: HdrHistogram's `countsArrayIndex`, with a sub-bucket count of 256.
 */

/** Largest value that is told apart: one hour in nanoseconds. */
export const highestNs = 3_600_000_000_000;

const halfCount = 128;
const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
const highWord = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;
/** (exponent bias + 6) << 7: puts the value 128 on index 128. */
const offset = (1023 + 6) << 7;

/** Index of the bucket that holds a value in nanoseconds; beyond an hour is an hour, below zero or no number is zero. */
export function bucketOf(valueNs: number): number {
  if (!(valueNs >= halfCount)) return valueNs > 0 ? valueNs | 0 : 0;
  float[0] = Math.min(valueNs, highestNs);
  return ((words[highWord] as number) / 8192 - offset) | 0;
}

/** Lowest value of a bucket. */
export function lowestOf(bucket: number): number {
  if (bucket < 2 * halfCount) return bucket;
  const doubling = Math.floor(bucket / halfCount) - 1;
  return (halfCount + (bucket % halfCount)) * 2 ** doubling;
}

export const bucketCount = bucketOf(highestNs) + 1;
