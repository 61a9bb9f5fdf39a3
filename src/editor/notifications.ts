/** Shows notifications: how runs end, and the errors of commands. */
import * as vscode from 'vscode';
import { listNotices } from '../core/export/run-notices.ts';
import { HumanError } from '../core/human-error.ts';
import type { Snapshot } from '../protocol/snapshot.ts';
import { commandIds } from './commands/command-ids.ts';
import type { Log } from './log.ts';
import type { Settings } from './settings.ts';
import { showMessage } from './show-message.ts';
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
    if (level === 'off') return;
    const [notice, ...others] = listNotices(snapshot);
    if (notice !== undefined) {
      const more = others.length > 0 ? ` ${others.length} more in the log.` : '';
      this.#handleAction(showMessage('warning', notice + more, { buttons: [openPanel, showLog] }));
    }
    if (result === 'cancellation') return;
    if (result === 'success') {
      if (level === 'all')
        this.#handleAction(showMessage('information', resultText(snapshot), { buttons: [openPanel] }));
      return;
    }
    this.#handleAction(showMessage('error', resultText(snapshot), { buttons: [openPanel, showLog] }));
  }

  /** Shows the message of a HumanError. Other errors go to the log, and only the fact is shown. */
  showError(command: string, error: unknown): void {
    if (error instanceof HumanError) {
      this.#log.warn(`${command}: ${error.message}`);
      this.#handleAction(showMessage('error', error.message, { buttons: [showLog] }));
      return;
    }
    this.#log.error(command, error);
    this.#handleAction(showMessage('error', 'The command failed unexpectedly. See the log.', { buttons: [showLog] }));
  }

  showRestrictedMode(): void {
    const message = 'Running programs is disabled in Restricted Mode. You can still view earlier results.';
    this.#handleAction(showMessage('warning', message, { buttons: [manageTrust] }));
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
