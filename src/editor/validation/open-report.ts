/** Takes the newest validation to where it can be read whole: its report, or the clipboard. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { checkText, verdictLine } from './labels.ts';
import type { Validator } from './validator.ts';

/**
 * Opens a report, as it was written for people.
 * @param wanted folder of a bundle; without one that of the newest validation
 */
export async function openReport(validator: Validator, wanted: unknown): Promise<void> {
  const folder = typeof wanted === 'string' ? wanted : validator.newest.folder;
  await vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.file(join(folder, 'report.md')));
}

/**
 * Copies a check with what it found and what to do, or the verdict with its reasons and the summary.
 * @param wanted a row of the view
 */
export async function copyResult(validator: Validator, wanted: unknown): Promise<void> {
  const { folder, report } = validator.newest;
  const ofCheck = typeof wanted === 'object' && wanted !== null && 'check' in wanted;
  const text = ofCheck
    ? checkText(validator.checkOf(wanted).check)
    : [verdictLine(report), ...report.reasons.map((reason) => `  ${reason}`), '', await summaryOf(folder)].join('\n');
  await vscode.env.clipboard.writeText(text);
}

/** Of a bundle; empty where it has none. */
async function summaryOf(folder: string): Promise<string> {
  const bytes = vscode.workspace.fs.readFile(vscode.Uri.file(join(folder, 'summary.txt')));
  return bytes.then(
    (text) => new TextDecoder().decode(text),
    () => '',
  );
}
