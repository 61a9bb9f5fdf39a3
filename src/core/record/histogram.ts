/**
 * Distribution of one operation's durations: HdrHistogram, one nanosecond to one hour, two significant digits, so that
 * a value read back is at most 1 % above the recorded one. Fed with bucket counts that the guest gathered in the same layout.
 */
import { build, encodeIntoCompressedBase64, type JsHistogram } from 'hdr-histogram-js';
import { highestNs } from './bucket.ts';

/** Calls that 32-bit buckets surely hold; beyond them the buckets are widened. */
const narrowLimit = 2 ** 31 - 1;

type Width = 32 | 64;

function buildHdr(bitBucketSize: Width): JsHistogram {
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
  #width: Width = 32;
  #count = 0;
  /** Range of buckets in use: reading walks no others. */
  #first = Number.POSITIVE_INFINITY;
  #last = -1;

  get count(): number {
    return this.#count;
  }

  /**
   * Adds pairs of bucket index and number of calls; the index is HdrHistogram's own for this configuration.
   * A bucket outside the layout is left out; the number of calls left out is returned.
   */
  add(pairs: readonly number[]): number {
    let outside = 0;
    for (let at = 0; at + 1 < pairs.length; at += 2) {
      const bucket = pairs[at] as number;
      const calls = pairs[at + 1] as number;
      const valueNs = this.#hdr.valueFromIndex(bucket);
      if (!(valueNs <= highestNs)) {
        outside += calls;
        continue;
      }
      this.#count += calls;
      if (this.#count > narrowLimit) this.#widen();
      this.#hdr.recordValueWithCount(valueNs, calls);
      if (bucket < this.#first) this.#first = bucket;
      if (bucket > this.#last) this.#last = bucket;
    }
    return outside;
  }

  /**
   * Values at the percentiles, in nanoseconds, by nearest rank: the highest value that the bucket of that rank stands
   * for, as HdrHistogram defines it. `percentiles` rises, 0 to 100. Zeros while empty.
   */
  valuesAt(percentiles: readonly number[]): number[] {
    const ranks = percentiles.map((percentile) => rankOf(percentile, this.#count));
    const values: number[] = [];
    let seen = 0;
    for (let bucket = this.#first; bucket <= this.#last && values.length < ranks.length; bucket++) {
      seen += this.#hdr.getCountAtIndex(bucket);
      while (values.length < ranks.length && seen >= (ranks[values.length] as number)) {
        values.push(this.#hdr.highestEquivalentValue(this.#hdr.valueFromIndex(bucket)));
      }
    }
    return percentiles.map((_, index) => values[index] ?? 0);
  }

  /** HdrHistogram V2, compressed, base64. */
  encode(): string {
    return encodeIntoCompressedBase64(this.#hdr);
  }

  #widen(): void {
    if (this.#width === 64) return;
    const wide = buildHdr(64);
    wide.add(this.#hdr);
    this.#hdr = wide;
    this.#width = 64;
  }
}

/** Rank, from 1, of a percentile among `count` values: nearest rank. */
export function rankOf(percentile: number, count: number): number {
  return Math.max(1, Math.ceil((percentile / 100) * count - 1e-9));
}

/** Highest value, in nanoseconds, that a bucket of the layout stands for: the next bucket's lowest less one. */
export function highestOf(bucket: number): number {
  const next = bucket + 1;
  if (next < 256) return bucket;
  return (128 + (next % 128)) * 2 ** (Math.floor(next / 128) - 1) - 1;
}
