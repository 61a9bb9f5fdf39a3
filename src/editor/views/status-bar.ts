/** The item in the status bar: what runs and how fast, in a few words. */
import * as vscode from 'vscode';
import type { Live } from '../current-run.ts';
import { Beat } from '../throttle.ts';
import { statusOf } from './run-summary.ts';

const beatMs = 1000;

export class Status {
  readonly #live: Live;
  readonly #item: vscode.StatusBarItem;
  readonly #beat = new Beat(
    () => beatMs,
    () => this.#draw(),
  );
  readonly #listening: vscode.Disposable;

  constructor(live: Live) {
    this.#live = live;
    this.#item = vscode.window.createStatusBarItem('pipescope.status', vscode.StatusBarAlignment.Left, -100);
    this.#item.name = 'Pipescope';
    this.#item.command = 'pipescope.openPanel';
    this.#listening = live.onChange(() => this.#beat.ask());
    this.#draw();
    this.#item.show();
  }

  dispose(): void {
    this.#listening.dispose();
    this.#beat.dispose();
    this.#item.dispose();
  }

  #draw(): void {
    const { text, tooltip, label } = statusOf(this.#live);
    this.#item.text = text;
    this.#item.tooltip = tooltip;
    this.#item.accessibilityInformation = { label };
  }
}
