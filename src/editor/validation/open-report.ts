/** Opens the report of a validation, or copies results to the clipboard. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { checkText, verdictLine } from './labels.ts';
import type { Validator } from './validator.ts';

/** The summary has a dozen lines. */
const maxSummaryBytes = 1e6;

/** @param folder folder of a bundle; without it, the report of the latest validation is opened */
export async function openReport(validator: Validator, folder: unknown): Promise<void> {
  const bundle = typeof folder === 'string' ? folder : validator.newest.folder;
  await vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.file(join(bundle, 'report.md')));
}

/**
 * Copies a check with its findings and remediation, or the verdict with its reasons and the summary.
 * @param row a row of the Validation view
 */
export async function copyResult(validator: Validator, row: unknown): Promise<void> {
  const { folder, report } = validator.newest;
  const isCheckRow = typeof row === 'object' && row !== null && 'check' in row;
  const text = isCheckRow
    ? checkText(validator.requireCheck(row).check)
    : [verdictLine(report), ...report.reasons.map((reason) => `  ${reason}`), '', await readSummary(folder)].join('\n');
  await vscode.env.clipboard.writeText(text);
}

/** Returns an empty text if the bundle has no summary. */
async function readSummary(folder: string): Promise<string> {
  const { readLocalText } = await import('../../node/storage/local-file.ts');
  return readLocalText(join(folder, 'summary.txt'), maxSummaryBytes) ?? '';
}
