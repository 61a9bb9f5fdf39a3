/** Totals of one operation between two batches. */
import type { OperationDelta } from '../../../protocol/batch/batch.ts';
import { bucketOf } from '../../../protocol/batch/buckets.ts';
import { truncate } from './attributes.ts';

/** Maximum number of error types of an operation in a batch. Further ones are counted as `other`. */
const maxErrorTypes = 32;
const maxErrorTypeLength = 120;
/** Maximum number of points over which the calls of a histogram bucket are spread. */
const maxPointsPerRange = 32;

export class IntervalTotals {
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

  /** Records a call with an exact duration. */
  record(durationNs: number): void {
    this.#timed++;
    this.#totalNs += durationNs;
    this.#observe(durationNs, 1);
  }

  recordError(type: string): void {
    this.#errors++;
    const isListed = this.#errorTypes.has(type) || this.#errorTypes.size < maxErrorTypes;
    const name = isListed ? truncate(type, maxErrorTypeLength) : 'other';
    this.#errorTypes.set(name, (this.#errorTypes.get(name) ?? 0) + 1);
  }

  recordLookup(isHit: boolean): void {
    if (isHit) this.#hits++;
    else this.#misses++;
  }

  /** Records calls of a histogram bucket, spread evenly over its range, as quantiles of a histogram are interpolated. */
  recordRange(lowNs: number, highNs: number, count: number): void {
    const points = Math.min(count, maxPointsPerRange);
    for (let point = 0; point < points; point++) {
      const calls = Math.floor((count * (point + 1)) / points) - Math.floor((count * point) / points);
      this.#observe(lowNs + ((highNs - lowNs) * (point + 0.5)) / points, calls);
    }
  }

  /** Counts calls whose durations are unknown. */
  addCalls(count: number): void {
    this.#count += count;
  }

  /** Adds the total time of calls that were recorded by `recordRange` or `addCalls`. The sender reports it exactly. */
  addTime(totalNs: number): void {
    this.#totalNs += totalNs;
  }

  /** Extends the minimum and maximum to a duration, without counting a call. */
  includeDuration(durationNs: number): void {
    if (durationNs < this.#minNs) this.#minNs = durationNs;
    if (durationNs > this.#maxNs) this.#maxNs = durationNs;
  }

  toDelta(id: number): OperationDelta {
    return {
      id,
      count: toSafeInteger(this.#count),
      ...(this.#timed < this.#count ? { timed: this.#timed } : {}),
      errors: this.#errors,
      totalNs: Math.min(this.#totalNs, Number.MAX_VALUE),
      ...(Number.isFinite(this.#minNs) ? { minNs: this.#minNs, maxNs: this.#maxNs } : {}),
      hits: this.#hits,
      misses: this.#misses,
      buckets: [...this.#buckets].flatMap(([bucket, calls]) => [bucket, toSafeInteger(calls)]),
      ...(this.#errorTypes.size > 0 ? { errorTypes: Object.fromEntries(this.#errorTypes) } : {}),
    };
  }

  #observe(durationNs: number, calls: number): void {
    this.#count += calls;
    this.includeDuration(durationNs);
    const bucket = bucketOf(durationNs);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + calls);
  }
}

function toSafeInteger(value: number): number {
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}
