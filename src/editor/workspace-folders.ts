/** Workspace folders that pipelines can run on. */

import * as vscode from 'vscode';
import { showMessage } from './show-message.ts';

/** Returns the paths of the local folders; folders of a virtual workspace have no path. */
export function folderPaths(): readonly string[] {
  return localFolders().map((folder) => folder.uri.fsPath);
}

/** Returns the only folder, or lets the user pick one. Returns undefined if the user cancels or no folder is open. */
export async function pickFolder(title = 'Profile'): Promise<string | undefined> {
  const folders = localFolders();
  if (folders.length === 0) {
    const open = 'Open Folder';
    void showMessage('information', 'Pipescope runs on a local folder, but no folder is open.', {
      buttons: [open],
    }).then((answer) => (answer === open ? vscode.commands.executeCommand('vscode.openFolder') : undefined));
    return undefined;
  }
  if (folders.length === 1) return folders[0]?.uri.fsPath;
  const picked = await vscode.window.showQuickPick(
    folders.map((folder) => ({ label: folder.name, description: folder.uri.fsPath })),
    { title, placeHolder: 'Select the folder to run on' },
  );
  return picked?.description;
}

function localFolders(): readonly vscode.WorkspaceFolder[] {
  return (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
}
