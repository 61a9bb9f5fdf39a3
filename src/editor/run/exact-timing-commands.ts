/** The commands that select functions to time on every call, in the current run and in later ones. */
import type * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import type { ExactTarget } from '../../protocol/control.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import { isExactTarget, isSameTarget, targetTitle } from '../exact-target.ts';
import { showStatusMessage } from '../show-message.ts';

const memoryKey = 'pipescope.exact';

interface ExactTimingOptions {
  readonly memory: vscode.Memento;
  /** Sends the targets to the current run. */
  readonly onTargetsChange: () => Promise<void>;
  /** Returns the latest snapshot. Its functions are used for files without a language server. */
  readonly snapshot: () => Snapshot | undefined;
}

export class ExactTimingCommands {
  readonly #options: ExactTimingOptions;
  #targets: readonly ExactTarget[];

  constructor(options: ExactTimingOptions) {
    this.#options = options;
    const stored: unknown = options.memory.get(memoryKey);
    this.#targets = Array.isArray(stored) ? stored.filter(isExactTarget) : [];
  }

  get targets(): readonly ExactTarget[] {
    return this.#targets;
  }

  /** @param row row of the Components view; without it, the function at the cursor is added */
  async add(row: unknown): Promise<ExactTarget> {
    const { findExactTarget } = await import('./find-exact-target.ts');
    const target = await findExactTarget(row, this.#options.snapshot());
    const others = this.#targets.filter((other) => !isSameTarget(other, target));
    await this.#setTargets([...others, target]);
    showStatusMessage('watch', `Timing calls of ${targetTitle(target)}`);
    return target;
  }

  /** Stops timing the function of the row or at the cursor. Lets the user pick if it is not timed. */
  async remove(row: unknown): Promise<void> {
    if (this.#targets.length === 0) throw new HumanError('No functions are timed exactly.');
    const { findExactTarget, pickTargets } = await import('./find-exact-target.ts');
    const target = await findExactTarget(row, this.#options.snapshot()).catch(() => undefined);
    const timed = target && this.#targets.find((other) => isSameTarget(other, target));
    const stopped = timed ? [timed] : await pickTargets(this.#targets);
    if (!stopped || stopped.length === 0) return;
    await this.#setTargets(this.#targets.filter((other) => !stopped.includes(other)));
    showStatusMessage('watch', `No longer timed exactly: ${stopped.map(targetTitle).join(', ')}`);
  }

  async #setTargets(targets: readonly ExactTarget[]): Promise<void> {
    this.#targets = targets;
    await this.#options.memory.update(memoryKey, targets);
    await this.#options.onTargetsChange();
  }
}
