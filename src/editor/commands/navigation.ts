/** Leads from a number to the line of code that it is of. */
import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import type { Live } from '../current-run.ts';
import { hottest, isPlace, locate, resolvePlace } from '../source-location.ts';
import { folderPaths } from '../workspace-folders.ts';

export class Guide {
  readonly #live: Live;

  constructor(live: Live) {
    this.#live = live;
  }

  /** @throws HumanError when nothing was measured that lies inside the workspace */
  async hottest(): Promise<void> {
    const { snapshot } = this.#live;
    if (!snapshot) throw new HumanError('Nothing was measured yet. Profile a pipeline first.');
    const folders = folderPaths();
    const place = hottest(snapshot, (file) => locate(file, snapshot.run.workspace, folders) !== undefined);
    if (!place) throw new HumanError('Nothing that was measured lies inside this workspace.');
    await this.reveal(place);
  }

  /**
   * Opens a place that the snapshot names.
   * @param wanted `{ file, line }`, or a row of a view that has such a `place`
   * @throws HumanError when it does not lie inside the workspace
   */
  async reveal(wanted: unknown): Promise<void> {
    const place = typeof wanted === 'object' && wanted !== null && 'place' in wanted ? wanted.place : wanted;
    if (!isPlace(place)) throw new HumanError('That tells no place in a file. Choose a row that names one.');
    const workspace = this.#live.snapshot?.run.workspace ?? folderPaths()[0] ?? '';
    const path = await resolvePlace(place.file, workspace, folderPaths());
    const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path));
    const at = new vscode.Position(Math.min(Math.max(place.line, 1), document.lineCount) - 1, 0);
    const editor = await vscode.window.showTextDocument(document, {
      selection: new vscode.Range(at, at),
      // Beside the panel, not over it.
      viewColumn: vscode.window.tabGroups.all.length > 1 ? vscode.ViewColumn.One : vscode.ViewColumn.Active,
    });
    editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }
}
