/** Lists the files of a workspace, and the folders in it that belong to other repositories. */
import { skippedFolders, walkFiles } from '../../detection/files/discover-files.ts';
import { askGit } from './ask-git.ts';

export interface FileListing {
  /** Sorted relative paths with `/`, without duplicates. */
  readonly files: readonly string[];
  /** Those of `files` that Git does not track. Empty without Git. */
  readonly untracked: ReadonlySet<string>;
  /** Folders of Git submodules, whose content belongs to other repositories. */
  readonly submodules: readonly string[];
  /** Folders with repositories that Git does not track as submodules. */
  readonly nestedRepositories: readonly string[];
}

/** Returns whether the folder belongs to a Git repository and is not ignored by it. */
export async function isInGit(root: string): Promise<boolean> {
  const inside = await askGit(root, ['rev-parse', '--is-inside-work-tree']);
  // `check-ignore` fails if the folder is not ignored.
  return inside?.trim() === 'true' && (await askGit(root, ['check-ignore', '-q', '.'])) === undefined;
}

/** Returns the files that are not ignored. Git's rules apply in a repository, `.gitignore` files otherwise. */
export async function listFiles(root: string, git: boolean): Promise<FileListing> {
  const [tracked, others] = git ? await Promise.all([listTracked(root), listUntracked(root)]) : [];
  const names = [...(tracked?.files ?? []), ...(others?.files ?? [])];
  const files = names.length > 0 ? names : await walkFiles(root);
  return {
    // Git lists a file with a merge conflict several times.
    files: [...new Set(files)].sort(),
    untracked: new Set(others?.files),
    submodules: tracked?.submodules ?? [],
    nestedRepositories: others?.nestedRepositories ?? [],
  };
}

/** Lists what Git has in its index. A file that was deleted without Git is still listed. */
async function listTracked(root: string): Promise<{ files: string[]; submodules: string[] }> {
  const files: string[] = [];
  const submodules: string[] = [];
  for (const entry of split(await askGit(root, ['ls-files', '-z', '--stage']))) {
    const name = entry.slice(entry.indexOf('\t') + 1);
    (entry.startsWith(submoduleMode) ? submodules : files).push(name);
  }
  return { files, submodules };
}

const submoduleMode = '160000 ';

/** Lists files that are neither tracked nor ignored, without installed packages and data of tools. */
async function listUntracked(root: string): Promise<{ files: string[]; nestedRepositories: string[] }> {
  const names = split(await askGit(root, ['ls-files', '-z', '--others', '--exclude-standard']));
  const ours = names.filter((name) => !name.split('/').some((part) => skippedFolders.has(part)));
  // Git lists a folder with its own repository as one entry with a trailing slash.
  const isFolder = (name: string): boolean => name.endsWith('/');
  return {
    files: ours.filter((name) => !isFolder(name)),
    nestedRepositories: ours.filter(isFolder).map((name) => name.slice(0, -1)),
  };
}

/** Returns the number of ignored files and folders, each folder as one entry. 0 without Git. */
export async function countIgnored(root: string, git: boolean): Promise<number> {
  if (!git) return 0;
  const args = ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory'];
  return split(await askGit(root, args)).length;
}

function split(output: string | undefined): string[] {
  return output === undefined ? [] : output.split('\0').filter((name) => name !== '');
}
