/** The numbers of one operation between two batches. */
import { bucketOf } from '../../../core/record/bucket.ts';
import type { OperationDelta } from '../../../protocol/event.ts';
import { short } from './attributes.ts';

/** Distinct error types of one operation in one batch; later ones count as `other`. */
const errorTypesKept = 32;
/** Points over which the calls of one range are spread. */
const spread = 32;

export class Totals {
  #count = 0;
  #timed = 0;
  #errors = 0;
  #totalNs = 0;
  #minNs = Number.POSITIVE_INFINITY;
  #maxNs = 0;
  #hits = 0;
  #misses = 0;
  readonly #buckets = new Map<number, number>();
  readonly #errorTypes = new Map<string, number>();

  /** One call of known duration. */
  record(durationNs: number): void {
    this.#timed++;
    this.#totalNs += durationNs;
    this.#observe(durationNs, 1);
  }

  fail(type: string): void {
    this.#errors++;
    const known = this.#errorTypes.has(type) || this.#errorTypes.size < errorTypesKept;
    const name = known ? short(type, 120) : 'other';
    this.#errorTypes.set(name, (this.#errorTypes.get(name) ?? 0) + 1);
  }

  look(hit: boolean): void {
    if (hit) this.#hits++;
    else this.#misses++;
  }

  /** Calls of which only the range is known: spread evenly over it, as a quantile of a histogram is interpolated. */
  estimate(lowNs: number, highNs: number, count: number): void {
    const points = Math.min(count, spread);
    for (let point = 0; point < points; point++) {
      const calls = Math.floor((count * (point + 1)) / points) - Math.floor((count * point) / points);
      this.#observe(lowNs + ((highNs - lowNs) * (point + 0.5)) / points, calls);
    }
  }

  /** Time of estimated calls together, which histograms tell exactly. */
  spend(totalNs: number): void {
    this.#totalNs += totalNs;
  }

  /** A duration that one of the calls had, told beside their ranges. */
  reach(durationNs: number): void {
    if (durationNs < this.#minNs) this.#minNs = durationNs;
    if (durationNs > this.#maxNs) this.#maxNs = durationNs;
  }

  delta(id: number): OperationDelta {
    return {
      id,
      count: whole(this.#count),
      ...(this.#timed < this.#count ? { timed: this.#timed } : {}),
      errors: this.#errors,
      totalNs: Math.min(this.#totalNs, Number.MAX_VALUE),
      ...(this.#count > 0 ? { minNs: this.#minNs, maxNs: this.#maxNs } : {}),
      hits: this.#hits,
      misses: this.#misses,
      buckets: [...this.#buckets].flatMap(([bucket, calls]) => [bucket, whole(calls)]),
      ...(this.#errorTypes.size > 0 ? { errorTypes: Object.fromEntries(this.#errorTypes) } : {}),
    };
  }

  #observe(durationNs: number, calls: number): void {
    this.#count += calls;
    this.reach(durationNs);
    const bucket = bucketOf(durationNs);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + calls);
  }
}

function whole(value: number): number {
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}
