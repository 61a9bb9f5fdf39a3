/** The folders that are open: where a pipeline may run and where a place may be opened. */
import * as vscode from 'vscode';

/** Folders on a disk; those of a virtual workspace have no path. */
export function folderPaths(): readonly string[] {
  return diskFolders().map((folder) => folder.uri.fsPath);
}

/** The folder to run on: the only one, or the one that is picked; `undefined` when the choice was given up. */
export async function pickFolder(title = 'Profile'): Promise<string | undefined> {
  const folders = diskFolders();
  if (folders.length === 0) {
    const open = 'Open Folder';
    void vscode.window
      .showInformationMessage('Pipescope profiles a folder of files, and none is open. Open one first.', open)
      .then((answer) => (answer === open ? vscode.commands.executeCommand('vscode.openFolder') : undefined));
    return undefined;
  }
  if (folders.length === 1) return folders[0]?.uri.fsPath;
  const picked = await vscode.window.showQuickPick(
    folders.map((folder) => ({ label: folder.name, description: folder.uri.fsPath })),
    { title, placeHolder: 'Folder to run on' },
  );
  return picked?.description;
}

function diskFolders(): readonly vscode.WorkspaceFolder[] {
  return (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
}
