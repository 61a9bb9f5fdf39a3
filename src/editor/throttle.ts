/** Limits how often an action runs: the first request runs it at once, and the last one is never lost. */

/** Clock and timer. Tests pass their own. */
export interface Timing {
  now(): number;
  after(ms: number, action: () => void): { cancel(): void };
}

const systemTiming: Timing = {
  now: () => performance.now(),
  after: (ms, action) => {
    const timer = setTimeout(action, ms);
    return { cancel: () => clearTimeout(timer) };
  },
};

export class Throttle {
  readonly #action: () => void;
  readonly #intervalMs: () => number;
  readonly #timing: Timing;
  #lastMs = Number.NEGATIVE_INFINITY;
  #pending: { cancel(): void } | undefined;

  /** @param intervalMs minimum time between two runs of the action; read again for each run */
  constructor(intervalMs: () => number, action: () => void, timing: Timing = systemTiming) {
    this.#intervalMs = intervalMs;
    this.#action = action;
    this.#timing = timing;
  }

  /** Runs the action now, or once the interval has passed. */
  request(): void {
    if (this.#pending) return;
    const waitMs = this.#lastMs + this.#intervalMs() - this.#timing.now();
    if (waitMs <= 0) this.#run();
    else this.#pending = this.#timing.after(waitMs, () => this.#run());
  }

  dispose(): void {
    this.#pending?.cancel();
    this.#pending = undefined;
  }

  #run(): void {
    this.#pending = undefined;
    this.#lastMs = this.#timing.now();
    this.#action();
  }
}
