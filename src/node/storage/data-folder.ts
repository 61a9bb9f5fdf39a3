/** Locates the data folder: caches, history and baselines, by default one folder per workspace, outside of it. */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Folder in the user's state folder that holds the data folders of all workspaces. */
const parentName = 'pipescope';

/** Returns the folder of a workspace in the user's state folder (XDG_STATE_HOME; LOCALAPPDATA on Windows). */
export function dataFolderOf(workspace: string, env: NodeJS.ProcessEnv = process.env): string {
  const root = realpathSync(workspace);
  const id = createHash('sha256').update(root).digest('hex').slice(0, 12);
  return join(stateFolder(env), parentName, `${basename(root).replace(/[^\w.-]/g, '_')}-${id}`);
}

/** Creates a data folder that only the user can enter. A folder that the user has chosen keeps its permissions. */
export function createDataFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (basename(dirname(folder)) === parentName) chmodSync(folder, 0o700);
}

/** Returns the folder, inside a data folder, for notes about runs that survive their host. */
export function runNotesFolderOf(dataFolder: string): string {
  return join(dataFolder, 'kept');
}

function stateFolder(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32') return env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local');
  return env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state');
}
