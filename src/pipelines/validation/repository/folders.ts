/** Folder paths relative to the workspace, with `/`. The workspace itself is the empty string. */
import { posix } from 'node:path';

/** Returns the folder that contains a file or folder. */
export function folderOf(file: string): string {
  const folder = posix.dirname(file);
  return folder === '.' ? '' : folder;
}

/** Returns a folder and its ancestors up to the workspace, innermost first. */
export function foldersAround(folder: string): string[] {
  return folder === '' ? [''] : [folder, ...foldersAround(folderOf(folder))];
}
