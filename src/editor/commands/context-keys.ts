/** Sets the context keys used by `when` clauses in package.json. */
import * as vscode from 'vscode';
import type { CurrentRun } from '../current-run.ts';
import type { Panel } from '../panel/panel.ts';
import type { Settings } from '../settings.ts';

export class ContextKeys {
  readonly #values = new Map<string, unknown>();
  readonly #disposables: readonly vscode.Disposable[];

  constructor(currentRun: CurrentRun, panel: Panel, settings: Settings) {
    const update = () => {
      this.set('pipescope.state', currentRun.phase);
      this.set('pipescope.paused', currentRun.paused);
      this.set('pipescope.hasData', currentRun.snapshot !== undefined);
      this.set('pipescope.codeLensEnabled', settings.get('codeLens.enabled'));
      this.set('pipescope.panelVisible', panel.isVisible);
    };
    this.#disposables = [currentRun.onChange(update), panel.onVisibility(update), settings.onChange(update)];
    update();
  }

  set(key: ContextKey, value: string | boolean): void {
    if (this.#values.get(key) === value) return;
    this.#values.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }
}

type ContextKey =
  | 'pipescope.state'
  | 'pipescope.paused'
  | 'pipescope.hasData'
  | 'pipescope.hasReport'
  | 'pipescope.hasComparison'
  | 'pipescope.hasValidation'
  | 'pipescope.codeLensEnabled'
  | 'pipescope.panelVisible';
