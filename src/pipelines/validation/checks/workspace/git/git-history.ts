/** Compares the workspace with its commits. */
import { type GitQuery, readPrefix } from './git-query.ts';
import { parseStatus } from './git-status.ts';

/** Lists the tracked paths that differ from the last commit, relative to the workspace. */
export async function listChangedFiles(git: GitQuery): Promise<Set<string>> {
  const { stdout } = await git(['status', '--porcelain=v2', '-z', '--untracked-files=no', '--no-renames']);
  const prefix = await readPrefix(git);
  const inside = parseStatus(stdout).filter(({ file }) => file.startsWith(prefix));
  return new Set(inside.map(({ file }) => file.slice(prefix.length)));
}

/** Reads a file as of a commit. Returns undefined if the commit does not have the file. */
export async function readCommitted(git: GitQuery, commit: string, file: string): Promise<string | undefined> {
  const result = await git(['cat-file', 'blob', `${commit}:./${file}`], { maxExitCode: 128 });
  return result.code === 0 ? result.stdout : undefined;
}
