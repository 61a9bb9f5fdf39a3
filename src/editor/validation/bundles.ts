/** Bundles of validations: one folder each, named by time. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { findDeepBracket } from '../../protocol/json-depth.ts';
import { parseJson } from '../../protocol/parse-json.ts';
import { isValidation, type Validation } from '../../protocol/validation/validation.ts';

export interface Bundle {
  /** Absolute path. */
  readonly folder: string;
  readonly report: Validation;
}

/** Larger reports are ignored; no validation writes one. */
const maxReportBytes = 64e6;

/** Returns the paths of the bundles in a folder, newest first. Returns an empty list if the folder is missing. */
export async function listBundles(root: string): Promise<readonly string[]> {
  const entries = await vscode.workspace.fs.readDirectory(vscode.Uri.file(root)).then(undefined, () => []);
  return entries
    .filter(([name, type]) => type === vscode.FileType.Directory && /^\d{4}-\d\d-\d\d-\d{6}(-\d+)?$/.test(name))
    .map(([name]) => name)
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map((name) => join(root, name));
}

/** Returns undefined if the bundle's report is missing or invalid. */
export async function readBundle(folder: string): Promise<Bundle | undefined> {
  const { readLocalText } = await import('../../node/storage/local-file.ts');
  const text = readLocalText(join(folder, 'report.json'), maxReportBytes);
  const report = text === undefined || findDeepBracket(text) !== undefined ? undefined : parseJson(text);
  return isValidation(report) ? { folder, report } : undefined;
}

/**
 * Returns the newest readable bundle.
 * @param sinceMs returns undefined if its validation started earlier than this, in epoch milliseconds
 */
export async function findNewestBundle(root: string, sinceMs = 0): Promise<Bundle | undefined> {
  for (const folder of await listBundles(root)) {
    const bundle = await readBundle(folder);
    if (bundle) return Date.parse(bundle.report.startedAt) >= sinceMs ? bundle : undefined;
  }
  return undefined;
}

/** Deletes all but the newest `maxBundles` bundles. */
export async function removeOldBundles(root: string, maxBundles: number): Promise<void> {
  for (const folder of (await listBundles(root)).slice(maxBundles)) {
    await vscode.workspace.fs.delete(vscode.Uri.file(folder), { recursive: true }).then(undefined, () => undefined);
  }
}
