import { CpuClock, minWaitNs } from './cpu-clock.ts';
import { type ExactCounters, maxRows } from './exact-counters.ts';

/** Maximum depth of the stack of instrumented calls; deeper calls are only counted. */
export const maxLevels = 2 ** 15;

/**
 * Synchronous stack of a thread, with one element per call in progress. An untimed call is on it too, so that the calls inside
 * of it do not count as those of its caller. Not private where the timer accesses it for every call.
 */
export class CallStack {
  top = 0;
  /** Starts of the calls; 0 if a call is only counted. */
  readonly starts = new Float64Array(maxLevels);
  /** Rows of the functions. */
  readonly ids = new Int32Array(maxLevels);
  /** Numbers of calls that the timed calls represent. */
  readonly weights = new Float64Array(maxLevels);
  /** Time that measuring adds to the duration of a call. */
  clockNs = 0;
  /** CPU time of the thread when a call began. */
  readonly #startsCpuNs = new Float64Array(maxLevels);
  /** Ends of the last timed outermost calls, by row. */
  readonly #endsMs = new Float64Array(maxRows);
  readonly #cpu = new CpuClock();
  readonly #counters: ExactCounters;

  constructor(counters: ExactCounters) {
    this.#counters = counters;
  }

  /** Puts a timed call on the stack. */
  push(level: number, nowMs: number, weight: number): void {
    this.#startsCpuNs[level] = this.#cpu.at(nowMs);
    this.weights[level] = weight;
  }

  /**
   * Limits the number of calls that a timed outermost call represents. One that was interrupted must not stand for many
   * others: together they took no longer than the time since the previous timed call.
   */
  limitWeight(id: number, level: number, endMs: number, durationNs: number): void {
    const weight = this.weights[level] as number;
    const elapsedNs = (endMs - (this.#endsMs[id] as number)) * 1e6;
    this.#endsMs[id] = endMs;
    if (durationNs < minWaitNs || weight <= 1) return;
    this.weights[level] = Math.max(1, Math.min(weight, Math.floor(elapsedNs / durationNs)));
  }

  /** Adds time on the stack to a function and to the one that has called it. Returns how long the thread waited. */
  addRunning(id: number, level: number, endMs: number, durationNs: number): number {
    const { ranNs, waitedNs, childrenNs, childrenWaitedNs } = this.#counters;
    const weight = this.weights[level] as number;
    const waited = this.#cpu.waitedNs(endMs, durationNs, this.#startsCpuNs[level] as number);
    (ranNs[id] as number) += weight * durationNs;
    (waitedNs[id] as number) += weight * waited;
    if (level > 1) {
      const caller = this.ids[level - 1] as number;
      (childrenNs[caller] as number) += weight * durationNs + this.clockNs;
      (childrenWaitedNs[caller] as number) += weight * waited;
    }
    return waited;
  }
}
