/** Writes the newest snapshot to a file that anyone can open, compare or send on. */
import { posix } from 'node:path';
import * as vscode from 'vscode';
import { stamp } from '../benchmark/report-line.ts';
import type { Live } from '../current-run.ts';

/**
 * Writes the snapshot, with its histograms, to `target` or to a file that is asked for. Resolves with where it
 * went; with `undefined` when the choice was given up.
 * @throws HumanError when there is no snapshot
 */
export async function exportSnapshot(live: Live, target: unknown): Promise<vscode.Uri | undefined> {
  const snapshot = live.export();
  const pipeline = snapshot.run.pipeline.replace(/[^\w.-]+/g, '-').slice(0, 60);
  const name = `pipescope-${pipeline}-${stamp(snapshot.run.startedAt)}.pipescope.json`;
  const kind = { 'Pipescope snapshot': ['json'] };
  const uri = target instanceof vscode.Uri ? target : await askFile('Export Snapshot', name, kind);
  if (!uri) return undefined;
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(`${JSON.stringify(snapshot, null, 1)}\n`));
  void offerFile('The snapshot', uri);
  return uri;
}

/** Where to write to; `undefined` when the choice was given up. */
export async function askFile(
  title: string,
  name: string,
  filters: Readonly<Record<string, string[]>>,
): Promise<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return vscode.window.showSaveDialog({
    title,
    saveLabel: 'Export',
    filters,
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {}),
  });
}

/** Says where something is, and offers to go there. */
export async function offerFile(what: string, uri: vscode.Uri): Promise<void> {
  const open = 'Open';
  const reveal = 'Reveal';
  const answer = await vscode.window.showInformationMessage(`${what} is in ${posix.basename(uri.path)}.`, open, reveal);
  if (answer === open) await vscode.commands.executeCommand('vscode.open', uri);
  if (answer === reveal) {
    const inside = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
    await vscode.commands.executeCommand(inside ? 'revealInExplorer' : 'revealFileInOS', uri);
  }
}
