/**
 * Distribution of durations: an HdrHistogram from one nanosecond to one hour with two significant digits. A value read back
 * is at most 1 % above the recorded one. It is filled with bucket counts that guests collected in the same layout.
 */
import { build, encodeIntoCompressedBase64, type JsHistogram } from 'hdr-histogram-js';
import { highestNs } from '../../protocol/batch/buckets.ts';

/** Number of calls up to which no 32-bit bucket can overflow; beyond it, buckets get 64 bits. */
const max32BitCount = 2 ** 31 - 1;

type BucketBits = 32 | 64;

function buildHdr(bitBucketSize: BucketBits): JsHistogram {
  return build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: highestNs,
    numberOfSignificantValueDigits: 2,
    bitBucketSize,
    autoResize: false,
    useWebAssembly: false,
  }) as JsHistogram;
}

export class Histogram {
  #hdr: JsHistogram = buildHdr(32);
  #bits: BucketBits = 32;
  #count = 0;
  /** Range of buckets in use, so that reading skips all others. */
  #firstBucket = Number.POSITIVE_INFINITY;
  #lastBucket = -1;

  get count(): number {
    return this.#count;
  }

  /**
   * Adds pairs of a bucket index and a number of calls. Skips buckets outside the layout and returns the number of calls
   * skipped.
   */
  add(pairs: readonly number[]): number {
    let skipped = 0;
    for (let index = 0; index + 1 < pairs.length; index += 2) {
      const bucket = pairs[index] as number;
      const calls = pairs[index + 1] as number;
      const valueNs = this.#hdr.valueFromIndex(bucket);
      if (!(valueNs <= highestNs)) {
        skipped += calls;
        continue;
      }
      this.#count += calls;
      if (this.#count > max32BitCount) this.#widen();
      this.#hdr.recordValueWithCount(valueNs, calls);
      if (bucket < this.#firstBucket) this.#firstBucket = bucket;
      if (bucket > this.#lastBucket) this.#lastBucket = bucket;
    }
    return skipped;
  }

  /**
   * Returns the nearest-rank values at percentiles from 0 to 100 in ascending order, in nanoseconds. Each value is the
   * highest one of its bucket, as HdrHistogram defines it. Returns zeros if the histogram is empty.
   */
  valuesAt(percentiles: readonly number[]): number[] {
    const ranks = percentiles.map((percentile) => rankOf(percentile, this.#count));
    const values: number[] = [];
    let seen = 0;
    for (let bucket = this.#firstBucket; bucket <= this.#lastBucket && values.length < ranks.length; bucket++) {
      seen += this.#hdr.getCountAtIndex(bucket);
      while (values.length < ranks.length && seen >= (ranks[values.length] as number)) {
        values.push(this.#hdr.highestEquivalentValue(this.#hdr.valueFromIndex(bucket)));
      }
    }
    return percentiles.map((_, index) => values[index] ?? 0);
  }

  /** Returns HdrHistogram V2, compressed, base64. */
  encode(): string {
    return encodeIntoCompressedBase64(this.#hdr);
  }

  #widen(): void {
    if (this.#bits === 64) return;
    const wide = buildHdr(64);
    wide.add(this.#hdr);
    this.#hdr = wide;
    this.#bits = 64;
  }
}

/** Returns the nearest rank, one-based, of a percentile among `count` values. */
export function rankOf(percentile: number, count: number): number {
  return Math.max(1, Math.ceil((percentile / 100) * count - 1e-9));
}
