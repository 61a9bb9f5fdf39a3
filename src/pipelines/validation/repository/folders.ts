/** Folders of the workspace by name: relative, with `/`, and empty for the workspace itself. */
import { posix } from 'node:path';

/** That a file or another folder stands in. */
export function folderOf(file: string): string {
  const folder = posix.dirname(file);
  return folder === '.' ? '' : folder;
}

/** A folder and those around it, up to the workspace. */
export function foldersAround(folder: string): string[] {
  return folder === '' ? [''] : [folder, ...foldersAround(folderOf(folder))];
}
