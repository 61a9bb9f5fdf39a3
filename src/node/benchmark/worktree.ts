/** Checks out another commit of a workspace as a temporary git worktree and installs its dependencies. */
import { existsSync, realpathSync, symlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { HumanError } from '../../core/human-error.ts';
import { readRegularText } from '../../process/read-regular-file.ts';
import type { Argv } from '../command/parse-command.ts';
import { queryGit } from '../git.ts';
import { createTemporaryFolder } from '../storage/temporary-folder.ts';
import { prepare } from './prepare.ts';

/** Larger lock files are not compared, so dependencies are installed. */
const maxLockBytes = 64e6;

export interface Worktree {
  /** The workspace's folder at that commit. */
  readonly folder: string;
  readonly commit: string;
  /** Describes how the worktree was prepared, for the user. */
  readonly prepared: string;
  remove(): Promise<void>;
}

export interface WorktreeOptions {
  /** Command that prepares the worktree. Without it, the dependencies of the lock file are installed. */
  readonly install?: Argv;
  /** Folder of the built bundles. */
  readonly dist?: string | undefined;
  readonly signal?: AbortSignal;
  readonly onProgress?: (what: string) => void;
}

/** Resolves a ref to a commit hash. Returns undefined if there is no such commit. */
export async function resolveCommit(workspace: string, ref: string): Promise<string | undefined> {
  // git would parse a leading dash as an option.
  if (ref.startsWith('-')) return undefined;
  return (await queryGit(workspace, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`]))?.trim() || undefined;
}

/** Finds the merge base of HEAD and the main branch, preferably the remote's. Returns undefined without a main branch. */
export async function findMergeBase(workspace: string): Promise<string | undefined> {
  const remote = (await queryGit(workspace, ['symbolic-ref', '--short', 'refs/remotes/origin/HEAD']))?.trim();
  for (const main of [...(remote ? [remote] : []), 'origin/main', 'origin/master', 'main', 'master']) {
    const base = (await queryGit(workspace, ['merge-base', 'HEAD', main]))?.trim();
    if (base) return base;
  }
  return undefined;
}

/** Checks out a commit. If it fails, rejects with a HumanError and removes what was created. */
export async function checkOut(workspace: string, ref: string, options: WorktreeOptions = {}): Promise<Worktree> {
  const top = (await queryGit(workspace, ['rev-parse', '--show-toplevel']))?.trim();
  const commit = await resolveCommit(workspace, ref);
  if (!top || !commit)
    throw new HumanError(`No commit “${ref}” found in ${workspace}. Specify a branch, a tag or a commit.`);
  const root = createTemporaryFolder('pipescope-ref-');
  const tree = join(root, 'tree');
  const remove = async (): Promise<void> => {
    await queryGit(top, ['worktree', 'remove', '--force', '--force', tree]);
    await rm(root, { recursive: true, force: true });
    await queryGit(top, ['worktree', 'prune']);
  };
  try {
    options.onProgress?.(`Checking out ${ref}…`);
    // Not a query: a hook of the repository may run for any time, and must end when the benchmark is cancelled.
    await prepare(['git', 'worktree', 'add', '--detach', '--force', tree, commit], { ...options, cwd: top });
    const folder = join(tree, relative(realpathSync(top), realpathSync(workspace)));
    if (!existsSync(folder)) throw new HumanError(`The folder ${relative(top, workspace)} does not exist at ${ref}.`);
    const prepared = await installDependencies(workspace, folder, options);
    return { folder, commit, prepared, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

interface Installer {
  readonly lock: string;
  readonly argv: Argv;
  /** Folder of the installed dependencies, relative to the workspace. */
  readonly into: string;
}

/** Package managers by lock file. The first row whose lock file exists is used. */
export const installers: readonly Installer[] = [
  {
    lock: 'package-lock.json',
    argv: ['npm', 'ci', '--prefer-offline', '--no-audit', '--no-fund'],
    into: 'node_modules',
  },
  {
    lock: 'npm-shrinkwrap.json',
    argv: ['npm', 'ci', '--prefer-offline', '--no-audit', '--no-fund'],
    into: 'node_modules',
  },
  { lock: 'pnpm-lock.yaml', argv: ['pnpm', 'install', '--frozen-lockfile', '--prefer-offline'], into: 'node_modules' },
  { lock: 'yarn.lock', argv: ['yarn', 'install', '--frozen-lockfile'], into: 'node_modules' },
  { lock: 'bun.lock', argv: ['bun', 'install', '--frozen-lockfile'], into: 'node_modules' },
  { lock: 'uv.lock', argv: ['uv', 'sync', '--frozen'], into: '.venv' },
  { lock: 'poetry.lock', argv: ['poetry', 'install', '--no-interaction'], into: '.venv' },
];

async function installDependencies(workspace: string, folder: string, options: WorktreeOptions): Promise<string> {
  const { install, dist, signal, onProgress } = options;
  if (install) {
    onProgress?.(install.join(' '));
    await prepare(install, { cwd: folder, dist, signal });
    return `prepared with ${install.join(' ')}`;
  }
  const installer = installers.find(({ lock }) => existsSync(join(folder, lock)));
  if (!installer) return 'no dependencies to install';
  const { lock, argv, into } = installer;
  const installed = join(workspace, into);
  const wanted = readIfExists(join(folder, lock));
  if (existsSync(installed) && wanted !== undefined && wanted === readIfExists(join(workspace, lock))) {
    // The same lock file installs the same dependencies, so both commits can share them.
    symlinkSync(realpathSync(installed), join(folder, into), 'junction');
    return `${into} shared because ${lock} is unchanged`;
  }
  onProgress?.(argv.join(' '));
  await prepare(argv, { cwd: folder, dist, signal });
  return `dependencies installed with ${argv.join(' ')}`;
}

function readIfExists(file: string): string | undefined {
  return readRegularText(file, { maxBytes: maxLockBytes });
}
