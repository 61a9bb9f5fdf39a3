/** Lists the files below a folder, for finding what a build has created. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Returns absolute paths, sorted. Links are not followed. */
export async function listFilesBelow(
  folder: string,
  isExcluded = (_name: string): boolean => false,
): Promise<string[]> {
  const files: string[] = [];
  const visit = async (name: string): Promise<void> => {
    for (const entry of await readdir(join(folder, name), { withFileTypes: true }).catch(() => [])) {
      const path = name === '' ? entry.name : `${name}/${entry.name}`;
      if (isExcluded(path)) continue;
      if (entry.isDirectory()) await visit(path);
      else if (entry.isFile()) files.push(join(folder, path));
    }
  };
  await visit('');
  return files.sort();
}

/** Returns whether a file is a program by its mode, or on Windows by its name. */
export async function isExecutable(path: string): Promise<boolean> {
  if (process.platform === 'win32') return path.endsWith('.exe');
  return ((await stat(path)).mode & 0o111) !== 0;
}
