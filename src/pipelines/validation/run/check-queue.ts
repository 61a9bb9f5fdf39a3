/** Checks of a run that have not started yet, and the lanes they wait for. */
import type { Check, CheckOutcome } from '../check/check.ts';
import type { ValidationProfile } from '../plan/profiles.ts';
import { CheckLanes, type LaneLease } from './check-lanes.ts';
import type { DurationHistory } from './duration-history.ts';
import { orderChecks } from './order-checks.ts';

/** A check that leaves the queue: either it may run in a lane, or it is skipped. */
type DequeuedCheck = { readonly check: Check } & ({ readonly lease: LaneLease } | { readonly skipped: CheckOutcome });

export class CheckQueue {
  readonly #lanes: CheckLanes;
  readonly #waiting: Check[];

  constructor({ checks, parallel }: ValidationProfile, history: DurationHistory, cores: number) {
    this.#lanes = new CheckLanes(parallel, cores);
    this.#waiting = orderChecks(checks, parallel, (id) => history.expectedMs(id));
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Number of lanes in total, including the one for cheap checks. */
  get lanes(): number {
    return this.#lanes.total;
  }

  /** Time for which the lanes were occupied so far, added up, in nanoseconds. */
  get busyNs(): number {
    return this.#lanes.busyNs;
  }

  /**
   * Removes and returns the first check that is ready and is skipped or has a free lane.
   * @param isReady whether all dependencies of a check have finished
   * @param skipReason outcome of a check that must not start, or undefined if it may
   */
  next(
    isReady: (check: Check) => boolean,
    skipReason: (check: Check) => CheckOutcome | undefined,
  ): DequeuedCheck | undefined {
    for (const [index, check] of this.#waiting.entries()) {
      if (!isReady(check)) continue;
      const skipped = skipReason(check);
      const lease = skipped ? undefined : this.#lanes.acquire(check.lane);
      if (!skipped && !lease) continue;
      this.#waiting.splice(index, 1);
      if (lease) return { check, lease };
      if (skipped) return { check, skipped };
    }
    return undefined;
  }
}
