/** Lists the files of a workspace. */
import { walkFiles } from '../../detection/files/discover-files.ts';
import { askGit } from './ask-git.ts';

/** Returns whether the folder belongs to a Git repository and is not ignored by it. */
export async function isInGit(root: string): Promise<boolean> {
  const inside = await askGit(root, ['rev-parse', '--is-inside-work-tree']);
  // `check-ignore` fails if the folder is not ignored.
  return inside?.trim() === 'true' && (await askGit(root, ['check-ignore', '-q', '.'])) === undefined;
}

/** Returns the files that Git tracks, or without Git all files that are not ignored. Sorted, without duplicates. */
export async function listFiles(root: string, git: boolean): Promise<readonly string[]> {
  const tracked = git ? split(await askGit(root, ['ls-files', '-z'])) : [];
  // Without tracked files, such as before the first `git add`, all existing files count.
  const names = tracked.length > 0 ? tracked : await walkFiles(root);
  // Git lists a file with a merge conflict several times.
  return [...new Set(names)].sort();
}

function split(output: string | undefined): string[] {
  return output === undefined ? [] : output.split('\0').filter((name) => name !== '');
}
