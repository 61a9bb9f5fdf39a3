/** Writes the newest snapshot to a file that anyone can open, compare or send on. */
import { posix } from 'node:path';
import * as vscode from 'vscode';
import type { Live } from './live.ts';
import { stamp } from './report.ts';

export class Exporter {
  readonly #live: Live;

  constructor(live: Live) {
    this.#live = live;
  }

  /**
   * Writes the snapshot, with its histograms, to `target` or to a file that is asked for. Resolves with where it
   * went; with `undefined` when the choice was given up.
   * @throws HumanError when there is no snapshot
   */
  async write(target: unknown): Promise<vscode.Uri | undefined> {
    const snapshot = this.#live.export();
    const pipeline = snapshot.run.pipeline.replace(/[^\w.-]+/g, '-').slice(0, 60);
    const name = `pipescope-${pipeline}-${stamp(snapshot.run.startedAt)}.pipescope.json`;
    const uri = target instanceof vscode.Uri ? target : await ask(name);
    if (!uri) return undefined;
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(`${JSON.stringify(snapshot, null, 1)}\n`));
    void offer(uri);
    return uri;
  }
}

async function ask(name: string): Promise<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return vscode.window.showSaveDialog({
    title: 'Export Snapshot',
    saveLabel: 'Export',
    filters: { 'Pipescope snapshot': ['json'] },
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {}),
  });
}

async function offer(uri: vscode.Uri): Promise<void> {
  const open = 'Open';
  const reveal = 'Reveal';
  const answer = await vscode.window.showInformationMessage(
    `The snapshot is in ${posix.basename(uri.path)}.`,
    open,
    reveal,
  );
  if (answer === open) await vscode.commands.executeCommand('vscode.open', uri);
  if (answer === reveal) {
    const inside = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
    await vscode.commands.executeCommand(inside ? 'revealInExplorer' : 'revealFileInOS', uri);
  }
}
