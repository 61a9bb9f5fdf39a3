/** Another commit of a workspace beside it, ready to be run: a git worktree that is removed again. */
import { existsSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { HumanError } from '../../core/human-error.ts';
import { git, gitText } from '../git.ts';
import { type Prepare, prepare } from './prepare.ts';

export interface Worktree {
  /** The workspace's folder at that commit. */
  readonly folder: string;
  readonly commit: string;
  /** How it was made ready, for people. */
  readonly prepared: string;
  remove(): Promise<void>;
}

export interface WorktreeOptions {
  /** Makes it ready to run; without it what the lock file says is installed. */
  readonly install?: Prepare;
  readonly signal?: AbortSignal;
  readonly onProgress?: (what: string) => void;
}

/** Commit that a ref names; nothing where it names none. */
export async function commitOf(workspace: string, ref: string): Promise<string | undefined> {
  // What begins with a dash would be an option.
  if (ref.startsWith('-')) return undefined;
  return (await git(workspace, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`]))?.trim() || undefined;
}

/** Where the branch left the remote's main one, or the local one where there is no remote; nothing without either. */
export async function mergeBase(workspace: string): Promise<string | undefined> {
  const remote = (await git(workspace, ['symbolic-ref', '--short', 'refs/remotes/origin/HEAD']))?.trim();
  for (const main of [...(remote ? [remote] : []), 'origin/main', 'origin/master', 'main', 'master']) {
    const base = (await git(workspace, ['merge-base', 'HEAD', main]))?.trim();
    if (base) return base;
  }
  return undefined;
}

/** Rejects with a HumanError that says what to do; nothing is left behind then. */
export async function checkOut(workspace: string, ref: string, options: WorktreeOptions = {}): Promise<Worktree> {
  const top = (await git(workspace, ['rev-parse', '--show-toplevel']))?.trim();
  const commit = await commitOf(workspace, ref);
  if (!top || !commit)
    throw new HumanError(`There is no commit “${ref}” in ${workspace}. Name a branch, a tag or a commit.`);
  const root = await mkdtemp(join(realpathSync(tmpdir()), 'pipescope-ref-'));
  const tree = join(root, 'tree');
  const remove = async (): Promise<void> => {
    await git(top, ['worktree', 'remove', '--force', '--force', tree]);
    await rm(root, { recursive: true, force: true });
    await git(top, ['worktree', 'prune']);
  };
  try {
    options.onProgress?.(`checking out ${ref}`);
    await gitText(top, ['worktree', 'add', '--detach', '--force', tree, commit]);
    const folder = join(tree, relative(realpathSync(top), realpathSync(workspace)));
    if (!existsSync(folder)) throw new HumanError(`At ${ref} there was no folder ${relative(top, workspace)}.`);
    const prepared = await makeReady(workspace, folder, options);
    return { folder, commit, prepared, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

interface Installer {
  readonly lock: string;
  readonly words: Prepare;
  /** What it installs into, in the workspace. */
  readonly into: string;
}

/** A row adds a way to install; the first whose lock file is there. */
export const installers: readonly Installer[] = [
  {
    lock: 'package-lock.json',
    words: ['npm', 'ci', '--prefer-offline', '--no-audit', '--no-fund'],
    into: 'node_modules',
  },
  {
    lock: 'npm-shrinkwrap.json',
    words: ['npm', 'ci', '--prefer-offline', '--no-audit', '--no-fund'],
    into: 'node_modules',
  },
  { lock: 'pnpm-lock.yaml', words: ['pnpm', 'install', '--frozen-lockfile', '--prefer-offline'], into: 'node_modules' },
  { lock: 'yarn.lock', words: ['yarn', 'install', '--frozen-lockfile'], into: 'node_modules' },
  { lock: 'bun.lock', words: ['bun', 'install', '--frozen-lockfile'], into: 'node_modules' },
  { lock: 'uv.lock', words: ['uv', 'sync', '--frozen'], into: '.venv' },
  { lock: 'poetry.lock', words: ['poetry', 'install', '--no-interaction'], into: '.venv' },
];

async function makeReady(workspace: string, folder: string, options: WorktreeOptions): Promise<string> {
  const { install, signal, onProgress } = options;
  if (install) {
    onProgress?.(install.join(' '));
    await prepare(install, folder, signal);
    return `prepared by ${install.join(' ')}`;
  }
  const installer = installers.find(({ lock }) => existsSync(join(folder, lock)));
  if (!installer) return 'nothing to install';
  const { lock, words, into } = installer;
  const here = join(workspace, into);
  if (existsSync(here) && contentOf(join(workspace, lock)) === contentOf(join(folder, lock))) {
    // The same lock installs the same: both sides then run the very same files.
    symlinkSync(realpathSync(here), join(folder, into), 'junction');
    return `${into} shared, as ${lock} is the same`;
  }
  onProgress?.(words.join(' '));
  await prepare(words, folder, signal);
  return `installed by ${words.join(' ')}`;
}

function contentOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
