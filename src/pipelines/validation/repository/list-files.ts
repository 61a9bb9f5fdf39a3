/** Lists what git tracks in a workspace; where there is no git, all that is not ignored. */
import { listByWalk } from '../../detection/files/discover-files.ts';
import { askGit } from './ask-git.ts';

/** Whether the folder is one of a repository, and not one that the repository ignores. */
export async function isInGit(root: string): Promise<boolean> {
  const inside = await askGit(root, ['rev-parse', '--is-inside-work-tree']);
  // Fails where the folder is not ignored.
  return inside?.trim() === 'true' && (await askGit(root, ['check-ignore', '-q', '.'])) === undefined;
}

/** In order, each once: a file in conflict has several entries. */
export async function listFiles(root: string, git: boolean): Promise<readonly string[]> {
  const tracked = git ? split(await askGit(root, ['ls-files', '-z'])) : [];
  // Before the first `git add`, what is there is what will be judged.
  const names = tracked.length > 0 ? tracked : await listByWalk(root);
  return [...new Set(names)].sort();
}

function split(output: string | undefined): string[] {
  return output === undefined ? [] : output.split('\0').filter((name) => name !== '');
}
