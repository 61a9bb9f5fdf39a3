/** What stays in each thread of a program: it records when the sampler says so, and tells what only the thread itself knows. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Vitals } from './vitals.ts';

export class Presence {
  // Programs replace the console; the recorder is kept as it was.
  readonly #begin = console.profile.bind(console);
  readonly #finish = console.profileEnd.bind(console);
  readonly #delay = monitorEventLoopDelay({ resolution: 20 });

  constructor() {
    this.#delay.enable();
  }

  start(title: string): void {
    this.#begin(title);
  }

  end(title: string): void {
    this.#finish(title);
  }

  rotate(next: string, before: string): Vitals {
    this.#begin(next);
    this.#finish(before);
    return this.vitals();
  }

  vitals(): Vitals {
    const delayNs = this.#delay.percentile(99);
    this.#delay.reset();
    return { gauges: [], delayNs: Number.isFinite(delayNs) ? delayNs : 0, maps: [], hits: 0, misses: 0 };
  }
}
