/** Finds programs that are installed in the workspace. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { foldersAround } from './folders.ts';

/** Folders of installed programs, relative to a project, and the file extension of programs there on Windows. */
const programFolders: readonly { readonly folder: string; readonly windowsExtension: string }[] = [
  { folder: 'node_modules/.bin', windowsExtension: '.cmd' },
  { folder: '.venv/bin', windowsExtension: '' },
  { folder: 'venv/bin', windowsExtension: '' },
  { folder: '.venv/Scripts', windowsExtension: '.exe' },
  { folder: 'venv/Scripts', windowsExtension: '.exe' },
];

/** Returns the path of a program installed in the folder or in one of its ancestors up to the workspace. */
export async function findTool(root: string, name: string, folder: string): Promise<string | undefined> {
  for (const ancestor of foldersAround(folder)) {
    for (const { folder: programs, windowsExtension } of programFolders) {
      const file = process.platform === 'win32' ? name + windowsExtension : name;
      const path = join(root, ancestor, programs, file);
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
