/** Allows one measurement at a time, because two would slow each other down. */
import { HumanError } from '../../core/human-error.ts';
import type { CurrentRun } from '../current-run.ts';
import type { ProgressHooks } from './benchmark-progress.ts';

export class MeasurementLock {
  readonly #currentRun: CurrentRun;
  /** Cancels the current measurement. */
  #abort: AbortController | undefined;

  constructor(currentRun: CurrentRun) {
    this.#currentRun = currentRun;
  }

  /** @throws HumanError if a benchmark or a profiled run is in progress */
  assertIdle(): void {
    if (this.#abort) throw new HumanError('Another benchmark is in progress. Cancel it or wait until it ends.');
    if (this.#currentRun.isBusy) {
      throw new HumanError('A profiled run is in progress and would distort the benchmark. Stop it first.');
    }
  }

  /** Runs a measurement with a progress notification. Resolves with undefined if the user cancels it. */
  async run<T>(title: string, measure: (hooks: ProgressHooks) => Promise<T>): Promise<T | undefined> {
    this.assertIdle();
    const abort = new AbortController();
    this.#abort = abort;
    try {
      const { withProgress } = await import('./benchmark-progress.ts');
      return await withProgress(title, abort, measure);
    } finally {
      this.#abort = undefined;
    }
  }

  dispose(): void {
    this.#abort?.abort();
  }
}
