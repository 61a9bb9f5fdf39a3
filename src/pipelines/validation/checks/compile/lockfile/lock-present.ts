/** Checks that dependencies are locked, so that everyone installs the same versions. */

import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { readRegularFile } from '../../../../../process/read-regular-file.ts';
import { plural } from '../../../../../protocol/plural.ts';
import type { Finding } from '../../../../../protocol/validation/validation.ts';
import { hashOf } from '../../../../detection/files/content-hash.ts';
import { type Check, fail, pass, skip } from '../../../check/check.ts';
import { lockFormats } from '../../../locks/locks.ts';
import { folderOf } from '../../../repository/folders.ts';
import { field } from '../../../repository/manifest-formats.ts';
import type { Repository, Stack } from '../../../repository/repository.ts';
import { lockCommands } from './lock-commands.ts';
import { type ManifestRequirement, readManifestRequirements } from './manifest-requirements.ts';

/** Finds the lock files of a project in its folder and in the folders around it. */
function findLockFiles(locks: readonly LockFile[], { id, folder }: Stack): string[] {
  return locks
    .filter((lock) => lock.stack === id)
    .filter((lock) => lock.folder === '' || folder === lock.folder || folder.startsWith(`${lock.folder}/`))
    .map(({ file }) => file);
}

interface LockFile {
  readonly file: string;
  readonly folder: string;
  readonly stack: Stack['id'];
}

function listLockFiles(files: Iterable<string>): LockFile[] {
  return [...files].flatMap((file) => {
    const name = posix.basename(file);
    const formats = lockFormats.filter((format) => format.name.test(name));
    return [...new Set(formats.map(({ stack }) => stack))].map((stack) => ({ file, folder: folderOf(file), stack }));
  });
}

interface MissingLock {
  /** Name of the lock file. */
  readonly name: string;
  /** Command that creates the lock file. */
  readonly command?: readonly string[];
}

/** Returns the lock file that a project without one should have, or undefined if it needs none. */
async function findMissingLock(
  repository: Repository,
  stack: Stack,
  requirements: readonly ManifestRequirement[],
): Promise<MissingLock | undefined> {
  if (requirements.every(({ kind }) => kind === 'peer')) return undefined;
  switch (stack.id) {
    case 'node': {
      const settings =
        (await repository.text(posix.join(stack.folder, '.npmrc'))) ?? (await repository.text('.npmrc')) ?? '';
      if (/^\s*package-lock\s*=\s*false\b/m.test(settings)) return undefined;
      return createMissingLock(nodeLockNames, stack.packageManager) ?? createMissingLock(nodeLockNames, 'npm');
    }
    case 'python':
      return findMissingPythonLock(stack, requirements);
    case 'rust':
      return (await hasExecutable(repository, stack))
        ? { name: 'Cargo.lock', command: ['cargo', 'generate-lockfile'] }
        : undefined;
    default:
      return { name: 'go.sum', command: ['go', 'mod', 'tidy'] };
  }
}

const nodeLockNames: Readonly<Record<string, string>> = {
  npm: 'package-lock.json',
  pnpm: 'pnpm-lock.yaml',
  yarn: 'yarn.lock',
  bun: 'bun.lock',
};

const pythonLockNames: Readonly<Record<string, string>> = {
  uv: 'uv.lock',
  poetry: 'poetry.lock',
  pdm: 'pdm.lock',
  pipenv: 'Pipfile.lock',
};

function createMissingLock(names: Readonly<Record<string, string>>, packageManager: string): MissingLock | undefined {
  const name = names[packageManager];
  const command = lockCommands[packageManager];
  return name === undefined || command === undefined ? undefined : { name, command };
}

/** Returns the missing lock. A requirements.txt with pinned versions counts as the lock of pip. */
function findMissingPythonLock(
  { packageManager, manifest }: Stack,
  requirements: readonly ManifestRequirement[],
): MissingLock | undefined {
  const missing = createMissingLock(pythonLockNames, packageManager);
  if (missing || !manifest.endsWith('requirements.txt')) return missing;
  const isPinned = requirements.every(({ range }) => /^===?[^*]+$/.test(range));
  return isPinned ? undefined : { name: 'requirements.txt with pinned versions (name==version)' };
}

/** Returns true for a crate with an executable. Libraries need no lock, because their users choose the versions. */
async function hasExecutable(repository: Repository, { folder, manifest }: Stack): Promise<boolean> {
  const files = await repository.files();
  const prefix = folder === '' ? '' : `${folder}/`;
  const mainFile = /^(?:.*\/)?src\/(?:main\.rs|bin\/)/;
  return (
    field(await repository.toml(manifest), 'bin') !== undefined ||
    files.some((file) => file.startsWith(prefix) && mainFile.test(file.slice(prefix.length)))
  );
}

/** Returns true for a requirements file, which counts as a lock only if its versions are pinned. */
const isRequirementsFile = (lockFile: string): boolean => /requirements/.test(posix.basename(lockFile));

export const lockPresent: Check = {
  id: 'BLD_LOCK_PRESENT',
  category: 'build',
  severity: 'warning',
  minProfile: 'dev',
  title: 'Dependencies are locked',
  timeoutMs: 3000,
  lane: 'cheap',
  run: async ({ repository }) => {
    const stacks = await repository.stacks();
    if (stacks.length === 0)
      return skip('not_applicable', 'The workspace has no manifest of Node, Python, Rust or Go.');
    const locks = listLockFiles(await repository.trackedFiles());
    const lockFiles = new Set<string>();
    const missing: { readonly stack: Stack; readonly lock: MissingLock; readonly isUncommitted: boolean }[] = [];
    for (const stack of stacks) {
      const stackLocks = findLockFiles(locks, stack).filter((file) => !isRequirementsFile(file));
      for (const file of stackLocks) lockFiles.add(file);
      if (stackLocks.length > 0) continue;
      const requirements = await readManifestRequirements(repository, stack);
      const lock = await findMissingLock(repository, stack, requirements);
      if (!lock && requirements.length > 0 && stack.manifest.endsWith('requirements.txt'))
        lockFiles.add(stack.manifest);
      if (lock)
        missing.push({ stack, lock, isUncommitted: existsSync(join(repository.root, stack.folder, lock.name)) });
    }
    if (missing.length === 0 && lockFiles.size === 0) {
      return skip(
        'not_applicable',
        'No project needs a lock file: all are libraries, have no dependencies, or opt out.',
      );
    }
    const evidence = [...lockFiles]
      .slice(0, 50)
      .map((path) => ({ kind: 'hash', content: hashFile(repository.root, path), path }) as const);
    if (missing.length === 0)
      return pass(`${plural(lockFiles.size, 'lock file')}: ${[...lockFiles].slice(0, 5).join(', ')}.`, { evidence });
    const [first] = missing;
    const verb = missing.length === 1 ? 'has' : 'have';
    const manifests = missing
      .map(({ stack }) => stack.manifest)
      .slice(0, 5)
      .join(', ');
    return fail(
      `${missing.length} of ${plural(stacks.length, 'project')} ${verb} no committed lock file: ${manifests}.`,
      {
        evidence,
        findings: missing.map(
          ({ stack, lock, isUncommitted }): Finding => ({
            file: stack.manifest,
            message: isUncommitted ? `${lock.name} exists but is not committed.` : `Missing ${lock.name}.`,
          }),
        ),
        remediation: [
          {
            priority: 'medium',
            title: 'Commit a lock file',
            steps: [
              'Create the lock file and commit it. Without it, everyone may install different versions.',
              'If a library should have no lock file, add “package-lock=false” to .npmrc.',
            ],
            ...(first?.lock.command && first.stack.folder === '' ? { command: first.lock.command } : {}),
          },
        ],
      },
    );
  },
};

/** Larger files are not hashed; no lock file is as large. */
const maxLockBytes = 256e6;

function hashFile(root: string, file: string): string {
  const read = readRegularFile(join(root, file), { maxBytes: maxLockBytes });
  return read.kind === 'content' ? `sha256:${hashOf(read.bytes)}` : 'unreadable';
}
