/** Messages that come unasked, only where attention is needed; and the one place that tells people of an error. */
import * as vscode from 'vscode';
import { HumanError } from '../core/human-error.ts';
import type { Snapshot } from '../protocol/snapshot.ts';
import type { Log } from './log.ts';
import type { Settings } from './settings.ts';
import { resultOf } from './views/run-summary.ts';

const showLog = 'Show Log';
const openPanel = 'Open Panel';
const manageTrust = 'Manage Workspace Trust';

export class Notice {
  readonly #log: Log;
  readonly #settings: Settings;

  constructor(log: Log, settings: Settings) {
    this.#log = log;
    this.#settings = settings;
  }

  /** Tells how a run ended, as far as it is wanted. */
  ended(snapshot: Snapshot): void {
    const wanted = this.#settings.get('notifications');
    const { result } = snapshot.run;
    if (wanted === 'off' || result === 'cancellation') return;
    if (result === 'success') {
      if (wanted === 'all') this.#offer(vscode.window.showInformationMessage(resultOf(snapshot), openPanel));
      return;
    }
    this.#offer(vscode.window.showErrorMessage(resultOf(snapshot), openPanel, showLog));
  }

  /** A HumanError in its own words; of any other only that it happened, the rest goes to the log. */
  failed(command: string, error: unknown): void {
    if (error instanceof HumanError) {
      this.#log.warn(`${command}: ${error.message}`);
      this.#offer(vscode.window.showErrorMessage(error.message, showLog));
      return;
    }
    this.#log.error(command, error);
    this.#offer(vscode.window.showErrorMessage('That did not work. The log says why.', showLog));
  }

  untrusted(): void {
    const message = 'Pipescope runs nothing in an untrusted workspace. Earlier results can be looked at.';
    this.#offer(vscode.window.showWarningMessage(message, manageTrust));
  }

  /** Not waited for: a message may stay for hours. */
  #offer(message: Thenable<string | undefined>): void {
    void message.then((answer) => {
      if (answer === showLog) this.#log.show();
      if (answer === openPanel) void vscode.commands.executeCommand('pipescope.openPanel');
      if (answer === manageTrust) void vscode.commands.executeCommand('workbench.trust.manage');
    });
  }
}
