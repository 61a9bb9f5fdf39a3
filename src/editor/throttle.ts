/** Two rhythms: what happens often is shown on a beat, the first at once and the last always. */

/** Clock and timer of the machine; handed in, so that tests own time. */
export interface Timing {
  now(): number;
  after(ms: number, act: () => void): { cancel(): void };
}

const real: Timing = {
  now: () => performance.now(),
  after: (ms, act) => {
    const timer = setTimeout(act, ms);
    return { cancel: () => clearTimeout(timer) };
  },
};

export class Beat {
  readonly #act: () => void;
  readonly #intervalMs: () => number;
  readonly #timing: Timing;
  #lastMs = Number.NEGATIVE_INFINITY;
  #pending: { cancel(): void } | undefined;

  /** `act` is called at most once in each interval, which is read anew each time. */
  constructor(intervalMs: () => number, act: () => void, timing: Timing = real) {
    this.#intervalMs = intervalMs;
    this.#act = act;
    this.#timing = timing;
  }

  ask(): void {
    if (this.#pending) return;
    const waitMs = this.#lastMs + this.#intervalMs() - this.#timing.now();
    if (waitMs <= 0) this.#strike();
    else this.#pending = this.#timing.after(waitMs, () => this.#strike());
  }

  dispose(): void {
    this.#pending?.cancel();
    this.#pending = undefined;
  }

  #strike(): void {
    this.#pending = undefined;
    this.#lastMs = this.#timing.now();
    this.#act();
  }
}
