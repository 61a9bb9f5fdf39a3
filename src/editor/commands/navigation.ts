/** Opens the source code that a measurement belongs to. */
import * as vscode from 'vscode';
import { HumanError } from '../../core/human-error.ts';
import type { CurrentRun } from '../current-run.ts';
import { findHottest, isSourceLocation, locateInWorkspace, resolveSourceFile } from '../source-location.ts';
import { folderPaths } from '../workspace-folders.ts';

export class Navigation {
  readonly #currentRun: CurrentRun;

  constructor(currentRun: CurrentRun) {
    this.#currentRun = currentRun;
  }

  /** @throws HumanError if no measured function is in the workspace */
  async goToHottest(): Promise<void> {
    const { snapshot } = this.#currentRun;
    if (!snapshot) throw new HumanError('No profiling data yet. Profile a pipeline or a program first.');
    const { workspace } = snapshot.run;
    const folders = folderPaths();
    const location = findHottest(snapshot, (file) => locateInWorkspace(file, workspace, folders) !== undefined);
    if (!location) throw new HumanError('No profiled function is in this workspace.');
    await this.reveal(location);
  }

  /**
   * Opens a source location of the snapshot.
   * @param target a SourceLocation, or a tree row that has a `location`
   * @throws HumanError if it is outside the workspace
   */
  async reveal(target: unknown): Promise<void> {
    const location = typeof target === 'object' && target !== null && 'location' in target ? target.location : target;
    if (!isSourceLocation(location)) throw new HumanError('This row has no source location.');
    const workspace = this.#currentRun.snapshot?.run.workspace ?? folderPaths()[0] ?? '';
    const path = await resolveSourceFile(location.file, workspace, folderPaths());
    const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path));
    const start = new vscode.Position(Math.min(Math.max(location.line, 1), document.lineCount) - 1, 0);
    const editor = await vscode.window.showTextDocument(document, {
      selection: new vscode.Range(start, start),
      // Keep the panel visible if it is in another column.
      viewColumn: vscode.window.tabGroups.all.length > 1 ? vscode.ViewColumn.One : vscode.ViewColumn.Active,
    });
    editor.revealRange(new vscode.Range(start, start), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }
}
