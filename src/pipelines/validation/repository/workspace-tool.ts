/** Finds programs that a workspace has installed for itself. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { foldersAround } from './folders.ts';

/** Folders of programs below a project, with what their names end with on Windows. */
const bins: readonly { readonly folder: string; readonly ending: string }[] = [
  { folder: 'node_modules/.bin', ending: '.cmd' },
  { folder: '.venv/bin', ending: '' },
  { folder: 'venv/bin', ending: '' },
  { folder: '.venv/Scripts', ending: '.exe' },
  { folder: 'venv/Scripts', ending: '.exe' },
];

/** Looks in the project's folder first, then in those around it up to the workspace. */
export async function toolOf(root: string, name: string, folder: string): Promise<string | undefined> {
  for (const place of foldersAround(folder)) {
    for (const bin of bins) {
      const file = process.platform === 'win32' ? name + bin.ending : name;
      const path = join(root, place, bin.folder, file);
      if (await isProgram(path)) return path;
    }
  }
  return undefined;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
