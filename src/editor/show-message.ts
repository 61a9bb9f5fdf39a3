/**
 * Shows notifications and their progress. VS Code turns `[text](command:…)` in them into links, so all their texts are
 * escaped here and nowhere else calls the functions of `vscode.window`.
 */
import * as vscode from 'vscode';
import { escapeMessage } from '../protocol/escape/message-text.ts';
import { toVisibleLine } from '../protocol/escape/visible-line.ts';
import { escapeLabel } from './escape-label.ts';

export type MessageLevel = 'information' | 'warning' | 'error';

export interface MessageOptions {
  readonly buttons?: readonly string[];
  /** Blocks the window until the user answers, and shows more lines below the text. */
  readonly modal?: { readonly detail?: string };
}

/** Resolves with the button that the user selects, or undefined. May stay open for hours. */
export function showMessage(
  level: MessageLevel,
  text: string,
  { buttons = [], modal }: MessageOptions = {},
): Thenable<string | undefined> {
  const { showInformationMessage, showWarningMessage, showErrorMessage } = vscode.window;
  const show = { information: showInformationMessage, warning: showWarningMessage, error: showErrorMessage }[level];
  const message = escapeMessage(text);
  if (!modal) return show(message, ...buttons);
  // Without links, so that a command is shown exactly as it would run.
  const detail = modal.detail?.split('\n').map(toVisibleLine).join('\n');
  return show(message, { modal: true, ...(detail === undefined ? {} : { detail }) }, ...buttons);
}

export type ProgressReport = (message: string, increment?: number) => void;

/** Shows a notification with the progress of `work`, which the user can cancel. */
export function showProgress<T>(
  title: string,
  work: (report: ProgressReport, token: vscode.CancellationToken) => Promise<T>,
): Thenable<T> {
  const options = { location: vscode.ProgressLocation.Notification, title: escapeMessage(title), cancellable: true };
  return vscode.window.withProgress(options, (progress, token) =>
    work((message, increment) => {
      progress.report({ message: escapeMessage(message), ...(increment === undefined ? {} : { increment }) });
    }, token),
  );
}

const statusMessageMs = 5000;

/** Shows a text in the status bar for a few seconds. */
export function showStatusMessage(icon: string, text: string): void {
  vscode.window.setStatusBarMessage(`$(${icon}) ${escapeLabel(text)}`, statusMessageMs);
}
