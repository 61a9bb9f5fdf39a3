/** Exports the latest snapshot to a file. */
import { posix } from 'node:path';
import * as vscode from 'vscode';
import { snapshotFormatOf, snapshotFormats } from '../../core/export/snapshot-formats.ts';
import { HumanError, messageOf } from '../../core/human-error.ts';
import { profileFormatOf, profileFormats } from '../../node/profiles/profile-formats.ts';
import { profileOfSnapshot } from '../../node/profiles/profile-of-snapshot.ts';
import { defined } from '../../protocol/defined.ts';
import { formatTimestamp } from '../benchmark/report-line.ts';
import type { CurrentRun } from '../current-run.ts';
import { showMessage } from '../show-message.ts';

/**
 * Writes the snapshot and its histograms to `target`, or to a file that the user selects. The extension of the file may be
 * that of a profile for other tools. Returns the file, or undefined if the user cancels.
 * @throws HumanError if there is no snapshot, or no stack for a profile
 */
export async function exportSnapshot(currentRun: CurrentRun, target: unknown): Promise<vscode.Uri | undefined> {
  const snapshot = await currentRun.exportSnapshot();
  const pipeline = snapshot.run.pipeline.replace(/[^\w.-]+/g, '-').slice(0, 60);
  const name = `pipescope-${pipeline}-${formatTimestamp(snapshot.run.startedAt)}.pipescope.json`;
  // Dialogs know only the last part of an extension.
  const filters = Object.fromEntries(
    [...snapshotFormats, ...profileFormats].map(({ title, extension }) => [title, [extension.replace(/^.*\./, '')]]),
  );
  const uri = target instanceof vscode.Uri ? target : await askSaveLocation('Export Snapshot', name, filters);
  if (!uri) return undefined;
  const profileFormat = profileFormatOf(uri.path);
  if (profileFormat) {
    const profile = profileOfSnapshot(snapshot);
    if (!profile)
      throw new HumanError('This run has no call stacks to export. Profile a Node program and export again.');
    await writeFile(uri, await profileFormat.write(profile));
  } else await writeFile(uri, snapshotFormatOf(uri.path).write(snapshot));
  void showSavedFile(profileFormat ? 'Profile' : 'Snapshot', uri);
  return uri;
}

/** Lets the user select a file to write. Returns undefined if the user cancels. */
export async function askSaveLocation(
  title: string,
  name: string,
  filters: Readonly<Record<string, string[]>>,
): Promise<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const defaultUri = folder && vscode.Uri.joinPath(folder, name);
  return vscode.window.showSaveDialog({ title, saveLabel: 'Export', filters, ...defined({ defaultUri }) });
}

/** Writes a file that the user has selected. A local one keeps its old content until the new one is complete. */
export async function writeFile(uri: vscode.Uri, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  if (uri.scheme !== 'file') return vscode.workspace.fs.writeFile(uri, bytes);
  const { writeLocalFile } = await import('../../node/storage/local-file.ts');
  try {
    writeLocalFile(uri.fsPath, content);
  } catch (error) {
    throw new HumanError(`Could not write ${uri.fsPath}: ${messageOf(error)}. Select another file.`);
  }
}

/** Shows where a file was saved, with buttons to open or reveal it. */
export async function showSavedFile(what: string, uri: vscode.Uri): Promise<void> {
  const open = 'Open';
  const reveal = 'Reveal';
  const message = `${what} exported to ${posix.basename(uri.path)}.`;
  const answer = await showMessage('information', message, { buttons: [open, reveal] });
  if (answer === open) await vscode.commands.executeCommand('vscode.open', uri);
  if (answer === reveal) {
    const isInWorkspace = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
    await vscode.commands.executeCommand(isInWorkspace ? 'revealInExplorer' : 'revealFileInOS', uri);
  }
}
