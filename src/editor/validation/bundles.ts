/** The bundles that validations leave in a folder: one folder each, named by its time. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { isValidation, type Validation } from '../../protocol/validation.ts';

export interface Bundle {
  /** Absolute path of its folder. */
  readonly folder: string;
  readonly report: Validation;
}

/** Larger reports are not read: no validation writes one. */
const largestReportBytes = 64e6;

/** Paths of the bundles in a folder, the newest first; none where there is no such folder. */
export async function bundlesIn(root: string): Promise<readonly string[]> {
  const entries = await vscode.workspace.fs.readDirectory(vscode.Uri.file(root)).then(undefined, () => []);
  return entries
    .filter(([name, type]) => type === vscode.FileType.Directory && /^\d{4}-\d\d-\d\d-\d{6}(-\d+)?$/.test(name))
    .map(([name]) => name)
    .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    .map((name) => join(root, name));
}

/** What a bundle says; nothing where it cannot be read. */
export async function readBundle(folder: string): Promise<Bundle | undefined> {
  const file = vscode.Uri.file(join(folder, 'report.json'));
  try {
    const { size } = await vscode.workspace.fs.stat(file);
    if (size > largestReportBytes) return undefined;
    const value: unknown = JSON.parse(new TextDecoder().decode(await vscode.workspace.fs.readFile(file)));
    return isValidation(value) ? { folder, report: value } : undefined;
  } catch (error) {
    if (error instanceof vscode.FileSystemError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The newest that can be read, of those that began at this time or later. */
export async function newestBundle(root: string, since = 0): Promise<Bundle | undefined> {
  for (const folder of await bundlesIn(root)) {
    const bundle = await readBundle(folder);
    if (bundle) return Date.parse(bundle.report.startedAt) >= since ? bundle : undefined;
  }
  return undefined;
}

/** Removes all but the newest. */
export async function keepNewest(root: string, most: number): Promise<void> {
  for (const folder of (await bundlesIn(root)).slice(most)) {
    await vscode.workspace.fs.delete(vscode.Uri.file(folder), { recursive: true }).then(undefined, () => undefined);
  }
}
