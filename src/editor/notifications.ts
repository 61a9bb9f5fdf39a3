/** Shows notifications: how runs end, and the errors of commands. */
import * as vscode from 'vscode';
import { HumanError } from '../core/human-error.ts';
import type { Snapshot } from '../protocol/snapshot.ts';
import { commandIds } from './commands/command-ids.ts';
import type { Log } from './log.ts';
import type { Settings } from './settings.ts';
import { resultText } from './views/run-summary.ts';

const showLog = 'Show Log';
const openPanel = 'Open Panel';
const manageTrust = 'Manage Workspace Trust';

export class Notifications {
  readonly #log: Log;
  readonly #settings: Settings;

  constructor(log: Log, settings: Settings) {
    this.#log = log;
    this.#settings = settings;
  }

  /** Shows how a run ended, if the settings ask for it. */
  showRunEnd(snapshot: Snapshot): void {
    const level = this.#settings.get('notifications');
    const { result } = snapshot.run;
    if (level === 'off' || result === 'cancellation') return;
    if (result === 'success') {
      if (level === 'all') this.#handleAction(vscode.window.showInformationMessage(resultText(snapshot), openPanel));
      return;
    }
    this.#handleAction(vscode.window.showErrorMessage(resultText(snapshot), openPanel, showLog));
  }

  /** Shows the message of a HumanError. Other errors go to the log, and only the fact is shown. */
  showError(command: string, error: unknown): void {
    if (error instanceof HumanError) {
      this.#log.warn(`${command}: ${error.message}`);
      this.#handleAction(vscode.window.showErrorMessage(error.message, showLog));
      return;
    }
    this.#log.error(command, error);
    this.#handleAction(vscode.window.showErrorMessage('The command failed unexpectedly. See the log.', showLog));
  }

  showRestrictedMode(): void {
    const message = 'Running programs is disabled in Restricted Mode. You can still view earlier results.';
    this.#handleAction(vscode.window.showWarningMessage(message, manageTrust));
  }

  /** Does not await the message, because it may stay open for hours. */
  #handleAction(message: Thenable<string | undefined>): void {
    void message.then((answer) => {
      if (answer === showLog) this.#log.show();
      if (answer === openPanel) void vscode.commands.executeCommand(commandIds.openPanel);
      if (answer === manageTrust) void vscode.commands.executeCommand('workbench.trust.manage');
    });
  }
}
