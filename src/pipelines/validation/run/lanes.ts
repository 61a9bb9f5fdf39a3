/** Who may start next: lanes for programs, and one for cheap checks, so that slow ones never keep them waiting. */
import type { Parallel } from '../../../protocol/custom-validation.ts';
import type { Check } from '../check/check.ts';

type Lane = Check['lane'];

/** What a check holds while it is made. */
export interface Place {
  /** Lets another begin beside it, where there is more than one lane: it waits, or is not as cheap as it was said to be. */
  share(): void;
  /** Its end. */
  leave(): void;
}

export class Lanes {
  /** All together, as they are reported. */
  readonly total: number;
  readonly #free: Record<Lane, number>;
  readonly #isOne: boolean;

  constructor(parallel: Parallel, cores: number) {
    const programs = parallel === 'serial' ? 1 : parallel === 'auto' ? Math.max(1, cores) : parallel;
    this.#isOne = parallel === 'serial';
    this.#free = { cheap: this.#isOne ? 0 : 1, process: programs };
    this.total = programs + this.#free.cheap;
  }

  /** A place, if there is one. One lane for all gives it to whoever asks first. */
  take(lane: Lane): Place | undefined {
    const from = this.#isOne ? 'process' : lane;
    if (this.#free[from] === 0) return undefined;
    this.#free[from]--;
    let isHeld = true;
    const leave = (): void => {
      if (isHeld) this.#free[from]++;
      isHeld = false;
    };
    return { leave, share: () => (this.#isOne ? undefined : leave()) };
  }
}
