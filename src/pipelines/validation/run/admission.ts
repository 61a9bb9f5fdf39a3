/** Decides whether enough of the time budget is left to start a program. */
import { nowNs } from '../../../probe/api/api.ts';
import type { DurationHistory } from './duration-history.ts';

/** A program of unknown duration may start while at least this share of the budget is left. */
const minShareForUnknown = 0.5;

export class Admission {
  readonly #history: DurationHistory;
  readonly #budgetMs: number;
  readonly #startNs = nowNs();

  /** Starts counting the budget, which may be infinite. */
  constructor(history: DurationHistory, budgetMs: number) {
    this.#history = history;
    this.#budgetMs = budgetMs;
  }

  /** Returns why a program check must not start now, or undefined if it may. Records a refusal in the history. */
  refuse(id: string): string | undefined {
    const leftMs = this.#budgetMs - (nowNs() - this.#startNs) / 1e6;
    if (leftMs === Number.POSITIVE_INFINITY) return undefined;
    const expectedMs = this.#history.expectedMs(id) ?? Number.POSITIVE_INFINITY;
    const hasEstimate = this.#history.hasEstimate(id);
    const requiredMs = hasEstimate ? expectedMs : Math.min(expectedMs, this.#budgetMs * minShareForUnknown);
    if (leftMs >= requiredMs) return undefined;
    this.#history.recordRefusal(id);
    const left = `Skipped: only ${Math.round(leftMs)} ms left`;
    return hasEstimate
      ? `${left}, but the check is expected to take ${Math.round(expectedMs)} ms.`
      : `${left}. A check of unknown duration starts only in the first half of the time budget.`;
  }
}
