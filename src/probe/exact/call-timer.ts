/** What wrapped functions call: counts each call exactly, times those that the mask lets through, and costs no allocation where nothing waits. */
import { bucketCount, bucketOf } from '../record/buckets.ts';
import { type Counters, rows } from './exact-counters.ts';

/** Name of the timer in wrapped code; see `wrap.ts` for what is inserted. */
export const timerName = '$PS';

/** An asynchronous call under way. Zero: not timed, not on the stack. */
interface Call {
  readonly id: number;
  readonly startMs: number;
  sinceMs: number;
  cpuMs: number;
}

/** Timed calls of a row before it is timed more rarely, until the sampler has said how many there may be. */
const firstQuota = 20_000;
const rarestMask = 2 ** 20 - 1;

export class Timer {
  /** The masks, under the short name that stands in wrapped code. */
  readonly m: Int32Array;
  readonly #counters: Counters;
  readonly #depth = new Int32Array(rows);
  readonly #now = performance.now.bind(performance);
  readonly #clockNs: number;

  constructor(counters: Counters) {
    this.#counters = counters;
    this.m = counters.mask;
    counters.quota[0] = firstQuota;
    this.#clockNs = clockNs(this.#now);
  }

  /** A call begins; its start, or 0 where it is counted only. */
  b(id: number): number {
    const { count, outer, skipped, mask } = this.#counters;
    if ((this.#depth[id] as number)++ === 0) (outer[id] as number)++;
    if ((++(count[id] as number) & (mask[id] as number)) === 0) return this.#now();
    (skipped[id] as number)++;
    return 0;
  }

  /** The call ends. */
  e(id: number, startMs: number, failed: boolean): void {
    const depth = --(this.#depth[id] as number);
    if (failed) (this.#counters.errors[id] as number)++;
    if (startMs !== 0) this.#observe(id, (this.#now() - startMs) * 1e6 - this.#clockNs, depth === 0);
  }

  /** An asynchronous call begins; `divides` is 0 where running is not told from waiting. */
  a(id: number, divides: number): Call {
    const { count, outer, skipped, mask, active } = this.#counters;
    (outer[id] as number)++;
    (active[id] as number)++;
    const isTimed = (++(count[id] as number) & (mask[id] as number)) === 0;
    if (!isTimed) (skipped[id] as number)++;
    const startMs = isTimed ? this.#now() : 0;
    return { id, startMs, sinceMs: startMs, cpuMs: divides === 0 ? Number.NaN : 0 };
  }

  /** It leaves the stack to wait for `value`. */
  w<T>(call: Call | undefined, value: T): T {
    if (call && call.sinceMs !== 0) {
      call.cpuMs += this.#now() - call.sinceMs;
      call.sinceMs = 0;
    }
    return value;
  }

  /** It is back with `value`. */
  r<T>(call: Call | undefined, value?: T): T {
    if (call && call.sinceMs === 0 && call.startMs !== 0) call.sinceMs = this.#now();
    return value as T;
  }

  /** It has settled. */
  z(call: Call, failed: boolean): void {
    const { id, startMs } = call;
    const { active, errors, cpuNs } = this.#counters;
    (active[id] as number)--;
    if (failed) (errors[id] as number)++;
    if (startMs === 0) return;
    this.w(call, undefined);
    if (call.cpuMs > 0) (cpuNs[id] as number) += call.cpuMs * 1e6;
    this.#observe(id, (this.#now() - startMs) * 1e6 - this.#clockNs, true);
  }

  #observe(id: number, measuredNs: number, outermost: boolean): void {
    const { totalNs, minNs, maxNs, timed, outerTimed, buckets, used, quota, mask } = this.#counters;
    const durationNs = measuredNs > 0 ? measuredNs : 0;
    if (outermost) {
      (totalNs[id] as number) += durationNs;
      (outerTimed[id] as number)++;
    }
    if (durationNs > (maxNs[id] as number)) maxNs[id] = durationNs;
    if ((timed[id] as number)++ === 0 || durationNs < (minNs[id] as number)) minNs[id] = durationNs;
    (buckets[id * bucketCount + bucketOf(durationNs)] as number)++;
    if (++(used[id] as number) <= (quota[0] as number)) return;
    used[id] = 0;
    mask[id] = Math.min((mask[id] as number) * 2 + 1, rarestMask);
  }
}

/** What a pair of readings takes by itself: the least of many. */
function clockNs(now: () => number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 2000; round++) {
    const startMs = now();
    least = Math.min(least, now() - startMs);
  }
  return least * 1e6;
}
