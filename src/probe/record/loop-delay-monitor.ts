import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Interval of the timer whose lateness is measured. A block of the loop is at most this much longer than its delay. */
const resolutionMs = 10;

/**
 * Measures the longest delay of this thread's event loop: how late a timer ran that is due every 10 ms.
 *
 * Node's monitor records the time between two runs of its timer. Its `reset` also forgets when the timer ran last, so the
 * interval that is in progress is lost, and that is the one with the block if the loop is blocked. So there are two
 * monitors. The first is never reset, and the second is reset by each reading. What the sum of the first has gained over
 * the sum of the second is the interval between them.
 */
export class LoopDelayMonitor {
  readonly #all = monitorEventLoopDelay({ resolution: resolutionMs });
  readonly #recent = monitorEventLoopDelay({ resolution: resolutionMs });
  // Kept, because programs replace the properties of `performance`.
  readonly #now = performance.now.bind(performance);
  readonly #nodeTiming = performance.nodeTiming;
  #sumMs = 0;
  /** Upper bound of the time at which the timer ran first. A reading just after the timer gives the exact time. */
  #firstRunMs = Number.POSITIVE_INFINITY;
  #lastDelayMs: number | undefined;

  constructor() {
    this.#all.enable();
    this.#recent.enable();
  }

  /** Returns the longest delay since the previous call in nanoseconds. Includes a delay that still lasts. */
  drainNs(): number {
    const delayMs = this.#lastDelayMs ?? this.#read();
    if (this.#lastDelayMs !== undefined) this.#lastDelayMs = 0;
    return delayMs * 1e6;
  }

  /** Ends the measurement, so that what the thread waits for at its end does not count. `drainNs` returns the last delay. */
  close(): void {
    if (this.#lastDelayMs !== undefined) return;
    this.#lastDelayMs = this.#read();
    this.#all.disable();
    this.#recent.disable();
  }

  #read(): number {
    const nowMs = this.#now();
    const { loopStart } = this.#nodeTiming;
    // Before the loop starts, the program's first file runs, and nobody waits for the loop.
    if (loopStart < 0) return 0;
    const sumMs = sumOf(this.#all);
    const recentMs = sumOf(this.#recent);
    const longestMs = this.#recent.count > 0 ? this.#recent.max / 1e6 - resolutionMs : 0;
    const betweenMs = sumMs - this.#sumMs - recentMs - resolutionMs;
    this.#recent.reset();
    this.#sumMs = sumMs;
    return Math.max(
      0,
      longestMs,
      betweenMs,
      this.#delayOfFirstRun(nowMs, loopStart),
      this.#delayInProgress(nowMs, loopStart),
    );
  }

  /** Node's monitor starts to count with the first run of its timer, so it misses a delay of that run. */
  #delayOfFirstRun(nowMs: number, loopStartMs: number): number {
    if (this.#all.count === 0) return 0;
    const isFirst = this.#firstRunMs === Number.POSITIVE_INFINITY;
    this.#firstRunMs = Math.min(this.#firstRunMs, nowMs - this.#sumMs);
    return isFirst ? this.#firstRunMs - loopStartMs - 2 * resolutionMs : 0;
  }

  /** The last run of the timer may be later by up to one interval than it seems, so this is a lower bound. */
  #delayInProgress(nowMs: number, loopStartMs: number): number {
    const lastRunMs = this.#all.count === 0 ? loopStartMs : this.#firstRunMs + this.#sumMs;
    return nowMs - lastRunMs - 2 * resolutionMs;
  }
}

function sumOf(histogram: ReturnType<typeof monitorEventLoopDelay>): number {
  return histogram.count > 0 ? (histogram.mean * histogram.count) / 1e6 : 0;
}
