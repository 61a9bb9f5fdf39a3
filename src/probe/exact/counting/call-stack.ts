import { CpuClock, minWaitNs } from './cpu-clock.ts';
import { type ExactCounters, floatAt, rowSize } from './exact-counters.ts';

/** Maximum number of timed calls inside of each other; further calls are only counted. */
const maxTimed = 2 ** 15;
/** The place of a timed call is its caller + this much for each timed call in progress. Larger than any row. */
const timedShift = 11;
export const timedUnit = 2 ** timedShift;
/** Positions in the numbers of a timed call: its start, the CPU time of the thread then, and the calls that it represents. */
const [startAt, startCpuAt, weightAt, callSize] = [0, 1, 2, 4];

/**
 * Synchronous timed calls of a thread. Each call keeps its place itself, in a local variable: the function that has called it
 * (its row + 1, or 0), and if it is timed also its number among the timed calls in progress. So a call that is only counted
 * costs no more than setting the function that runs.
 */
export class CallStack {
  /** Number of calls that the last removed call represents, and how long the thread waited during it. */
  weight = 0;
  waitedNs = 0;
  #top = 0;
  readonly #calls = new Float64Array(maxTimed * callSize);
  readonly #cpu = new CpuClock();
  readonly #floats: Float64Array;
  /** Time that measuring adds to the duration of a call. */
  readonly #clockNs: number;

  constructor({ floats }: ExactCounters, clockNs: number) {
    this.#floats = floats;
    this.#clockNs = clockNs;
  }

  /** Returns true if one more call can be timed. */
  hasRoom(): boolean {
    return this.#top + 1 < maxTimed;
  }

  /** Adds a timed call. Returns its place. */
  push(caller: number, nowMs: number, weight: number): number {
    // The end of a call may be missing, because the thread had no stack left for it.
    const index = caller === 0 ? 1 : this.#top + 1;
    const call = index * callSize;
    this.#top = index;
    this.#calls[call + startCpuAt] = this.#cpu.at(nowMs);
    this.#calls[call + weightAt] = weight;
    this.#calls[call + startAt] = nowMs;
    return index * timedUnit + caller;
  }

  /**
   * Removes a timed call, and adds its time to its function and to its caller. Returns its duration; `weight` and `waitedNs`
   * are those of this call afterwards. An outermost call that was interrupted must not stand for many others: together they
   * took no longer than the time since the previous timed call.
   */
  pop(row: number, place: number, endMs: number, isOutermost: boolean): number {
    const [floats, calls] = [this.#floats, this.#calls];
    const index = place >>> timedShift;
    const call = index * callSize;
    this.#top = index - 1;
    const measuredNs = (endMs - (calls[call + startAt] as number)) * 1e6 - this.#clockNs;
    const durationNs = measuredNs > 0 ? measuredNs : 0;
    let weight = calls[call + weightAt] as number;
    if (isOutermost) {
      const elapsedNs = (endMs - (floats[row + floatAt.endMs] as number)) * 1e6;
      floats[row + floatAt.endMs] = endMs;
      if (durationNs >= minWaitNs && weight > 1)
        weight = Math.max(1, Math.min(weight, Math.floor(elapsedNs / durationNs)));
    }
    this.weight = weight;
    const callerRow = ((place & (timedUnit - 1)) - 1) * rowSize;
    (floats[row + floatAt.ranNs] as number) += weight * durationNs;
    if (callerRow >= 0) (floats[callerRow + floatAt.childrenNs] as number) += weight * durationNs + this.#clockNs;
    this.waitedNs = 0;
    if (durationNs >= minWaitNs)
      this.#addWaiting(row, callerRow, endMs, durationNs, calls[call + startCpuAt] as number);
    return durationNs;
  }

  #addWaiting(row: number, callerRow: number, endMs: number, durationNs: number, startCpuNs: number): void {
    const floats = this.#floats;
    this.waitedNs = this.#cpu.waitedNs(endMs, durationNs, startCpuNs);
    const weightedNs = this.weight * this.waitedNs;
    (floats[row + floatAt.waitedNs] as number) += weightedNs;
    if (callerRow >= 0) (floats[callerRow + floatAt.childrenWaitedNs] as number) += weightedNs;
  }
}
