/**
 * Distribution of durations from one nanosecond to 104 days with two significant digits. A value read back is at most 1 %
 * above the recorded one. An HdrHistogram with the same layout is built for exports only.
 */
import { build, encodeIntoCompressedBase64, type JsHistogram } from 'hdr-histogram-js';
import { highestNs } from '../../protocol/batch/buckets.ts';
import { BucketCounts } from './bucket-counts.ts';

/** Number of calls up to which no 32-bit bucket can overflow; beyond it, buckets get 64 bits. */
const max32BitCount = 2 ** 31 - 1;

const maxHdrCount = 2 ** 50;

type BucketBits = 32 | 64;

/** Empty HdrHistograms, one per size of buckets. Building one takes longer than filling it. */
export class HdrBuilder {
  readonly #empty = new Map<BucketBits, JsHistogram>();

  /** Returns a HdrHistogram with these calls. It is valid until the next call. */
  fill(counts: BucketCounts): JsHistogram {
    const bits = counts.count > max32BitCount ? 64 : 32;
    const hdr = this.#empty.get(bits) ?? buildHdr(bits);
    this.#empty.set(bits, hdr);
    hdr.reset();
    // More calls than a histogram can count occur only in invalid data; their shares are what matters.
    const scale = Math.min(1, maxHdrCount / counts.count);
    counts.visit((bucket, calls) => hdr.recordValueWithCount(hdr.valueFromIndex(bucket), Math.ceil(calls * scale)));
    return hdr;
  }
}

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

export class Histogram extends BucketCounts {
  /** Returns the counts now. They take no memory of the budget. */
  copy(): Histogram {
    const copy = new Histogram();
    copy.merge(this);
    return copy;
  }

  /** Returns HdrHistogram V2, compressed, base64. */
  encode(builder = new HdrBuilder()): string {
    return encodeIntoCompressedBase64(builder.fill(this));
  }
}
