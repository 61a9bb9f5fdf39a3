/** Where what outlives a run is kept; where nobody names a folder, one a workspace, outside of it. */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';

/** Folder of a workspace below the user's state folder (XDG base directories; LOCALAPPDATA on Windows). */
export function dataOf(workspace: string, env: NodeJS.ProcessEnv = process.env): string {
  const root = realpathSync(workspace);
  const id = createHash('sha256').update(root).digest('hex').slice(0, 12);
  return join(stateFolder(env), 'pipescope', `${basename(root).replace(/[^\w.-]/g, '_')}-${id}`);
}

/** Folder, below that for what is kept between runs, of the notes on runs that outlive their host. */
export function notesOf(data: string): string {
  return join(data, 'kept');
}

function stateFolder(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32') return env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local');
  return env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state');
}
