import { bucketCount, bucketOf } from '../../protocol/batch/buckets.ts';
import { type ExactCounters, maxRows } from './exact-counters.ts';

/** Global variable that holds the timer in instrumented code. */
export const timerName = '$PS';

/** A call in progress of an asynchronous function or a generator. */
interface ResumableCall {
  readonly id: number;
  /** 0 if the call is only counted. */
  readonly startMs: number;
  /** Time at which it was last resumed; 0 while it waits. */
  sinceMs: number;
  /** NaN if running and waiting cannot be distinguished. */
  cpuMs: number;
  /** Time at which a generator last yielded; 0 while it runs. */
  yieldedMs: number;
  /** Time between yielding and being resumed, which is not part of the call. */
  suspendedMs: number;
  /** True from yielding until the caller asks for the next value. */
  isYielding: boolean;
}

/** Number of calls of a function that are all timed, before the sampler sets a quota that fits the budget. */
const initialQuota = 20_000;
const maxMask = 2 ** 20 - 1;

/**
 * Counts every call of an instrumented function, and times those that the function's mask selects. Synchronous calls
 * allocate nothing. The one-letter members are called from instrumented code: see `instrument.ts`.
 */
export class CallTimer {
  /** The masks; instrumented code reads them to skip functions that are switched off. */
  readonly m: Int32Array;
  readonly #counters: ExactCounters;
  readonly #depth = new Int32Array(maxRows);
  readonly #starts = new Float64Array(maxRows);
  readonly #now = performance.now.bind(performance);
  readonly #clockNs: number;

  constructor(counters: ExactCounters) {
    this.#counters = counters;
    this.m = counters.mask;
    counters.quota[0] = initialQuota;
    this.#clockNs = clockOverheadNs(this.#now);
    // Test runners clean up global variables by deleting their properties.
    Object.freeze(this);
    Object.freeze(CallTimer.prototype);
  }

  /** Begins a call. Returns its start, or 0 if the call is only counted. */
  b(id: number): number {
    const { count, outer, skipped, mask } = this.#counters;
    if ((this.#depth[id] as number)++ === 0) (outer[id] as number)++;
    if ((++(count[id] as number) & (mask[id] as number)) === 0) return this.#now();
    (skipped[id] as number)++;
    return 0;
  }

  /** Ends a call. */
  e(id: number, startMs: number, failed: boolean): void {
    const depth = --(this.#depth[id] as number);
    if (failed) (this.#counters.errors[id] as number)++;
    if (startMs !== 0) this.#addDuration(id, (this.#now() - startMs) * 1e6 - this.#clockNs, depth === 0);
  }

  /** Begins an asynchronous call or a generator. `separates` is 0 if running and waiting cannot be distinguished. */
  a(id: number, separates: number): ResumableCall {
    const { count, outer, skipped, mask, active } = this.#counters;
    (outer[id] as number)++;
    (active[id] as number)++;
    const isTimed = (++(count[id] as number) & (mask[id] as number)) === 0;
    if (!isTimed) (skipped[id] as number)++;
    const startMs = isTimed ? this.#now() : 0;
    const cpuMs = separates === 0 ? Number.NaN : 0;
    return { id, startMs, sinceMs: startMs, cpuMs, yieldedMs: 0, suspendedMs: 0, isYielding: false };
  }

  /** Pauses an asynchronous call that waits for `value`. */
  w<T>(call: ResumableCall | undefined, value: T): T {
    if (call && call.sinceMs !== 0) {
      call.cpuMs += this.#now() - call.sinceMs;
      call.sinceMs = 0;
    }
    return value;
  }

  /** Resumes an asynchronous call with `value`. */
  r<T>(call: ResumableCall | undefined, value?: T): T {
    if (call && call.sinceMs === 0 && call.startMs !== 0) call.sinceMs = this.#now();
    return value as T;
  }

  /** Suspends a generator that yields `value`. */
  y<T>(call: ResumableCall | undefined, value?: T): T {
    if (call && !call.isYielding) {
      this.w(call, undefined);
      call.isYielding = true;
      (this.#counters.active[call.id] as number)--;
      if (call.startMs !== 0) call.yieldedMs = this.#now();
    }
    return value as T;
  }

  /** Resumes a generator, whose `yield` has the value `value`. */
  n<T>(call: ResumableCall | undefined, value?: T): T {
    if (call?.isYielding) {
      call.isYielding = false;
      (this.#counters.active[call.id] as number)++;
    }
    this.f(call);
    return value as T;
  }

  /** Resumes the clock of a generator that may have been ended by its caller. */
  f(call: ResumableCall | undefined): void {
    if (call && call.yieldedMs !== 0) {
      call.suspendedMs += this.#now() - call.yieldedMs;
      call.yieldedMs = 0;
    }
    this.r(call);
  }

  /** Ends an asynchronous call or a generator. A generator that is ended by its caller has not failed. */
  z(call: ResumableCall, failed: boolean): void {
    const { id, startMs, isYielding } = call;
    const { active, errors, cpuNs } = this.#counters;
    if (!isYielding) (active[id] as number)--;
    if (failed && !isYielding) (errors[id] as number)++;
    if (startMs === 0) return;
    if (call.yieldedMs !== 0) this.f(call);
    this.w(call, undefined);
    if (call.cpuMs > 0) (cpuNs[id] as number) += call.cpuMs * 1e6;
    this.#addDuration(id, (this.#now() - startMs - call.suspendedMs) * 1e6 - this.#clockNs, true);
  }

  /** Begins code that is not a function, such as the fields of a class. Only the innermost repetition is timed. */
  t(id: number): void {
    const { count, outer, skipped, mask } = this.#counters;
    this.#starts[id] = 0;
    if ((mask[id] as number) < 0) return;
    (outer[id] as number)++;
    if ((++(count[id] as number) & (mask[id] as number)) === 0) this.#starts[id] = this.#now();
    else (skipped[id] as number)++;
  }

  /** Ends code that is not a function; returns `value`. */
  u<T>(id: number, value?: T): T {
    const startMs = this.#starts[id] as number;
    this.#starts[id] = 0;
    if (startMs !== 0) this.#addDuration(id, (this.#now() - startMs) * 1e6 - this.#clockNs, true);
    return value as T;
  }

  #addDuration(id: number, measuredNs: number, isOutermost: boolean): void {
    const { totalNs, minNs, maxNs, timed, outerTimed, buckets, used, quota, mask } = this.#counters;
    const durationNs = measuredNs > 0 ? measuredNs : 0;
    if (isOutermost) {
      (totalNs[id] as number) += durationNs;
      (outerTimed[id] as number)++;
    }
    if (durationNs > (maxNs[id] as number)) maxNs[id] = durationNs;
    if ((timed[id] as number)++ === 0 || durationNs < (minNs[id] as number)) minNs[id] = durationNs;
    (buckets[id * bucketCount + bucketOf(durationNs)] as number)++;
    if (++(used[id] as number) <= (quota[0] as number)) return;
    used[id] = 0;
    mask[id] = Math.min((mask[id] as number) * 2 + 1, maxMask);
  }
}

/** Returns the time between two successive clock readings: the minimum of many. */
function clockOverheadNs(now: () => number): number {
  let minMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 2000; round++) {
    const startMs = now();
    minMs = Math.min(minMs, now() - startMs);
  }
  return minMs * 1e6;
}
