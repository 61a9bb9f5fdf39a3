/** Lanes that limit how many checks run at once. Cheap checks have their own lane, so that slow programs never delay them. */
import { nowNs } from '../../../probe/api/api.ts';
import type { Parallel } from '../../../protocol/validation/custom-validation.ts';
import type { Check } from '../check/check.ts';

type Lane = Check['lane'];

/** Lane that a check occupies while it runs. */
export interface LaneLease {
  /**
   * Frees the lane before the check has finished, because the check only waits or is slower than expected. Has no effect
   * in serial mode.
   */
  releaseEarly(): void;
  /** Frees the lane when the check has finished. */
  release(): void;
}

export class CheckLanes {
  /** Number of lanes in total, including the one for cheap checks. */
  readonly total: number;
  readonly #free: Record<Lane, number>;
  readonly #isSerial: boolean;
  #busyNs = 0;

  /** @param cores number of lanes for programs if `parallel` is `auto` */
  constructor(parallel: Parallel, cores: number) {
    const programs = parallel === 'serial' ? 1 : parallel === 'auto' ? Math.max(1, cores) : parallel;
    this.#isSerial = parallel === 'serial';
    this.#free = { cheap: this.#isSerial ? 0 : 1, process: programs };
    this.total = programs + this.#free.cheap;
  }

  /** Time for which lanes were occupied by checks that have released them, added up, in nanoseconds. */
  get busyNs(): number {
    return Math.round(this.#busyNs);
  }

  /** Occupies a free lane, or returns undefined if there is none. In serial mode all checks share one lane. */
  acquire(lane: Lane): LaneLease | undefined {
    const pool = this.#isSerial ? 'process' : lane;
    if (this.#free[pool] === 0) return undefined;
    this.#free[pool]--;
    const startNs = nowNs();
    let isHeld = true;
    const release = (): void => {
      if (!isHeld) return;
      this.#free[pool]++;
      this.#busyNs += nowNs() - startNs;
      isHeld = false;
    };
    return { release, releaseEarly: () => (this.#isSerial ? undefined : release()) };
  }
}
