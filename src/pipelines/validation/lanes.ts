/** Who may start next: lanes for programs, and one for cheap checks, so that slow ones never keep them waiting. */
import type { Parallel } from '../../protocol/own.ts';
import type { Check } from './check.ts';

type Lane = Check['lane'];

export class Lanes {
  /** All together, as they are reported. */
  readonly total: number;
  readonly #free: Record<Lane, number>;
  readonly #shared: boolean;

  constructor(parallel: Parallel, cores: number) {
    const programs = parallel === 'serial' ? 1 : parallel === 'auto' ? Math.max(1, cores) : parallel;
    this.#shared = parallel === 'serial';
    this.#free = { cheap: this.#shared ? 0 : 1, process: programs };
    this.total = programs + this.#free.cheap;
  }

  /** Takes a place; false where there is none. One lane for all gives its place to whoever asks first. */
  take(lane: Lane): boolean {
    const from = this.#of(lane);
    if (this.#free[from] <= 0) return false;
    this.#free[from]--;
    return true;
  }

  /** Takes a place even if others have it meanwhile: who was under way already goes on. */
  retake(lane: Lane): void {
    this.#free[this.#of(lane)]--;
  }

  leave(lane: Lane): void {
    this.#free[this.#of(lane)]++;
  }

  #of(lane: Lane): Lane {
    return this.#shared ? 'process' : lane;
  }
}
