/** Opens a profile of another tool. */
import * as vscode from 'vscode';
import { profileEditorId } from '../panel/profile-editor.ts';

const extensions = ['cpuprofile', 'gz', 'pprof', 'pb', 'json', 'collapsed', 'folded', 'txt'];

/** Opens a profile, or one that the user selects, in an editor. Does nothing if the user cancels. */
export async function openProfile(target: unknown): Promise<void> {
  const uri = target instanceof vscode.Uri ? target : await askProfile();
  if (uri) await vscode.commands.executeCommand('vscode.openWith', uri, profileEditorId);
}

async function askProfile(): Promise<vscode.Uri | undefined> {
  const filters = { Profiles: extensions, 'All files': ['*'] };
  const [uri] = (await vscode.window.showOpenDialog({ title: 'Open Profile', openLabel: 'Open', filters })) ?? [];
  return uri;
}
