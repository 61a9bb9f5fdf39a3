/** The status bar item: shows the current run and its key figures. */
import * as vscode from 'vscode';
import { commandIds } from '../commands/command-ids.ts';
import type { CurrentRun } from '../current-run.ts';
import { escapeTooltip } from '../escape-label.ts';
import { Throttle } from '../throttle.ts';
import { statusBarText } from './run-summary.ts';

const updateIntervalMs = 1000;

export class StatusBar {
  readonly #currentRun: CurrentRun;
  readonly #item: vscode.StatusBarItem;
  readonly #throttle = new Throttle(
    () => updateIntervalMs,
    () => this.#draw(),
  );
  readonly #listener: vscode.Disposable;

  constructor(currentRun: CurrentRun) {
    this.#currentRun = currentRun;
    this.#item = vscode.window.createStatusBarItem('pipescope.status', vscode.StatusBarAlignment.Left, -100);
    this.#item.name = 'Pipescope';
    this.#item.command = commandIds.openPanel;
    this.#listener = currentRun.onChange(() => this.#throttle.request());
    this.#draw();
    this.#item.show();
  }

  dispose(): void {
    this.#listener.dispose();
    this.#throttle.dispose();
    this.#item.dispose();
  }

  #draw(): void {
    const { text, tooltip, label } = statusBarText(this.#currentRun);
    this.#item.text = text;
    this.#item.tooltip = escapeTooltip(tooltip);
    this.#item.accessibilityInformation = { label };
  }
}
