/** The context keys that `when` clauses of the manifest ask for. */
import * as vscode from 'vscode';
import type { Live } from '../current-run.ts';
import type { Panel } from '../panel/panel.ts';
import type { Settings } from '../settings.ts';

export class Context {
  readonly #set = new Map<string, unknown>();
  readonly #disposables: readonly vscode.Disposable[];

  constructor(live: Live, panel: Panel, settings: Settings) {
    const update = () => {
      this.set('pipescope.state', live.phase);
      this.set('pipescope.paused', live.paused);
      this.set('pipescope.hasData', live.snapshot !== undefined);
      this.set('pipescope.codeLensEnabled', settings.get('codeLens.enabled'));
      this.set('pipescope.panelVisible', panel.visible);
    };
    this.#disposables = [live.onChange(update), panel.onVisibility(update), settings.onChange(update)];
    update();
  }

  set(key: ContextKey, value: string | boolean): void {
    if (this.#set.get(key) === value) return;
    this.#set.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables).dispose();
  }
}

export type ContextKey =
  | 'pipescope.state'
  | 'pipescope.paused'
  | 'pipescope.hasData'
  | 'pipescope.hasReport'
  | 'pipescope.hasComparison'
  | 'pipescope.hasValidation'
  | 'pipescope.codeLensEnabled'
  | 'pipescope.panelVisible';
