/** Says whether a receipt and its bundle are as they were written, or what was changed since. */
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import type { Verification } from '../../protocol/receipt.ts';
import { bundlesIn, readBundle } from './bundles.ts';
import { separator, verdictWords } from './labels.ts';
import type { Validator } from './validator.ts';

interface Choice extends vscode.QuickPickItem {
  /** Folder of the bundle; absent where one is looked for. */
  readonly folder?: string;
}

/** Bundles offered by name; an older one is found by its file. */
const mostOffered = 50;

/** What is wrong, as far as a message can tell it. */
const mostFaults = 3;

/**
 * @param wanted folder of a bundle or path of a receipt, where it is not to be asked for
 * @param dist folder of the built bundles
 * @returns what was found; `undefined` when the choice was given up
 */
export async function verifyReceipt(
  validator: Validator,
  dist: string,
  wanted: unknown,
): Promise<Verification | undefined> {
  const target = wanted instanceof vscode.Uri ? wanted.fsPath : typeof wanted === 'string' ? wanted : undefined;
  const path = target ?? (await pickBundle(validator));
  if (path === undefined) return undefined;
  const { verifyBundle } = await import('../../node/run/verify-bundle.ts');
  const found = await verifyBundle(dist, path);
  tell(found);
  return found;
}

async function pickBundle(validator: Validator): Promise<string | undefined> {
  const picked = await vscode.window.showQuickPick(choices(validator), {
    title: 'Verify Receipt',
    placeHolder: 'Bundle to verify, the newest first',
    matchOnDescription: true,
  });
  if (!picked || picked.folder !== undefined) return picked?.folder;
  const [file] =
    (await vscode.window.showOpenDialog({
      title: 'Receipt to verify',
      openLabel: 'Verify',
      filters: { Receipt: ['json'] },
    })) ?? [];
  return file?.fsPath;
}

async function choices(validator: Validator): Promise<Choice[]> {
  const folders = (await bundlesIn(validator.root)).slice(0, mostOffered);
  const bundles = await Promise.all(folders.map(readBundle));
  const known = bundles.map((bundle, index): Choice => {
    const folder = folders[index] ?? '';
    if (!bundle) return { label: `$(warning) ${basename(folder)}`, description: 'its report cannot be read', folder };
    const { startedAt, verdict, score, profile } = bundle.report;
    const label = `$(verified) ${new Date(startedAt).toLocaleString()}`;
    return { label, description: [verdictWords[verdict], `${score} of 100`, profile].join(separator), folder };
  });
  return [...known, { label: '$(folder-opened) Choose a receipt…', description: 'receipt.json of another bundle' }];
}

function tell(found: Verification): void {
  const { ok, folder, faults, files, checks, hash } = found;
  const name = basename(folder) || basename(dirname(folder));
  if (ok) {
    const seal = hash === undefined ? '' : ` Its hash is ${hash.slice(0, 16)}….`;
    const whole = `${files} ${files === 1 ? 'file' : 'files'} and ${checks} ${checks === 1 ? 'check' : 'checks'}`;
    void vscode.window.showInformationMessage(`${name} is as it was written: ${whole} match the receipt.${seal}`);
    return;
  }
  const left = faults.length - mostFaults;
  const what = faults.slice(0, mostFaults).join(' ');
  const more = left > 0 ? ` And ${left} more.` : '';
  void vscode.window.showErrorMessage(`${name} was changed since it was written, or is not whole. ${what}${more}`);
}
