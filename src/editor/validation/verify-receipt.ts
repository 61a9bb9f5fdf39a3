/** Verifies that a bundle still matches its receipt, and shows what has changed. */
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { plural } from '../../protocol/plural.ts';
import type { Verification } from '../../protocol/validation/receipt.ts';
import { escapeLabel, separator } from '../escape-label.ts';
import { showMessage } from '../show-message.ts';
import { listBundles, readBundle } from './bundles.ts';
import { verdictLabels } from './labels.ts';
import type { Validator } from './validator.ts';

interface BundleItem extends vscode.QuickPickItem {
  /** Undefined for the item that opens a file dialog. */
  readonly folder?: string;
}

/** Maximum number of bundles to pick from; an older one can be selected by its file. */
const maxBundles = 50;

/** Maximum number of faults shown in a message. */
const maxShownFaults = 3;

/**
 * Returns undefined if the user cancels.
 * @param dist folder of the built bundles
 * @param bundle folder of a bundle or path of a receipt; without it, the user picks a bundle
 */
export async function verifyReceipt(
  validator: Validator,
  dist: string,
  bundle: unknown,
): Promise<Verification | undefined> {
  const given = bundle instanceof vscode.Uri ? bundle.fsPath : typeof bundle === 'string' ? bundle : undefined;
  const path = given ?? (await pickBundle(validator));
  if (path === undefined) return undefined;
  const { verifyBundle } = await import('../../node/run/verify-bundle.ts');
  const verification = await verifyBundle(dist, path);
  showVerification(verification);
  return verification;
}

async function pickBundle(validator: Validator): Promise<string | undefined> {
  const picked = await vscode.window.showQuickPick(listBundleItems(validator), {
    title: 'Verify Receipt',
    placeHolder: 'Select a bundle to verify',
    matchOnDescription: true,
  });
  if (!picked || picked.folder !== undefined) return picked?.folder;
  const [file] =
    (await vscode.window.showOpenDialog({
      title: 'Select Receipt',
      openLabel: 'Verify',
      filters: { Receipt: ['json'] },
    })) ?? [];
  return file?.fsPath;
}

async function listBundleItems(validator: Validator): Promise<BundleItem[]> {
  const folders = (await listBundles(validator.root)).slice(0, maxBundles);
  const items = await Promise.all(folders.map(createBundleItem));
  return [...items, { label: '$(folder-opened) Select a Receipt…', description: 'receipt.json of another bundle' }];
}

async function createBundleItem(folder: string): Promise<BundleItem> {
  const bundle = await readBundle(folder);
  if (!bundle) return { label: `$(warning) ${basename(folder)}`, description: 'unreadable report', folder };
  const { startedAt, verdict, score, profile } = bundle.report;
  return {
    label: `$(verified) ${new Date(startedAt).toLocaleString()}`,
    description: [verdictLabels[verdict], `${score} of 100`, escapeLabel(profile)].join(separator),
    folder,
  };
}

function showVerification({ ok, folder, faults, files, checks, hash }: Verification): void {
  const name = basename(folder) || basename(dirname(folder));
  if (ok) {
    const counts = `${plural(files, 'file')} and ${plural(checks, 'check')}`;
    const hashText = hash === undefined ? '' : ` Receipt hash: ${hash.slice(0, 16)}….`;
    void showMessage('information', `${name} is unchanged: ${counts} match the receipt.${hashText}`);
    return;
  }
  const shown = faults.slice(0, maxShownFaults).join(' ');
  const omitted = faults.length - maxShownFaults;
  const more = omitted > 0 ? ` ${omitted} more not shown.` : '';
  void showMessage('error', `${name} was changed after it was written, or is incomplete. ${shown}${more}`);
}
