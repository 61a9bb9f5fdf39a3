/** Reads the lock files of a workspace. */
import { lstat, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { folderOf } from '../repository/folders.ts';
import type { Repository, Stack, StackId } from '../repository/repository.ts';
import type { Lock, LockProblem, LockReader } from './lock.ts';
import { readBun } from './read-bun.ts';
import { readCargo } from './read-cargo.ts';
import { readGoSum } from './read-go.ts';
import { readNpm } from './read-npm.ts';
import { readPnpm } from './read-pnpm.ts';
import { readPipfile, readRequirements, readTables } from './read-python.ts';
import { readYarn } from './read-yarn.ts';

interface LockFormat {
  /** Matches the file name. */
  readonly name: RegExp;
  readonly stack: StackId;
  readonly manager: string;
  /** Undefined for a binary format. */
  readonly read?: LockReader;
}

export const lockFormats: readonly LockFormat[] = [
  { name: /^(package-lock|npm-shrinkwrap)\.json$/, stack: 'node', manager: 'npm', read: readNpm },
  { name: /^pnpm-lock\.yaml$/, stack: 'node', manager: 'pnpm', read: readPnpm },
  { name: /^yarn\.lock$/, stack: 'node', manager: 'yarn', read: readYarn },
  { name: /^bun\.lock$/, stack: 'node', manager: 'bun', read: readBun },
  { name: /^bun\.lockb$/, stack: 'node', manager: 'bun' },
  { name: /^uv\.lock$/, stack: 'python', manager: 'uv', read: readTables },
  { name: /^poetry\.lock$/, stack: 'python', manager: 'poetry', read: readTables },
  { name: /^pdm\.lock$/, stack: 'python', manager: 'pdm', read: readTables },
  { name: /^pylock(\.[^.]+)?\.toml$/, stack: 'python', manager: 'pip', read: readTables },
  { name: /^Pipfile\.lock$/, stack: 'python', manager: 'pipenv', read: readPipfile },
  { name: /^requirements([-_.].*)?\.txt$/, stack: 'python', manager: 'pip', read: readRequirements },
  { name: /^Cargo\.lock$/, stack: 'rust', manager: 'cargo', read: readCargo },
  { name: /^go\.sum$/, stack: 'go', manager: 'go', read: readGoSum },
];

/** Maximum size of a lock file. Those of large repositories have about 10 MB. */
const maxBytes = 64 * 1024 * 1024;

const cache = new WeakMap<Repository, Promise<readonly Lock[]>>();

/** Returns every lock file that is not test data. Reads them once for all checks of a run. */
export function readLocks(repository: Repository): Promise<readonly Lock[]> {
  const locks = cache.get(repository) ?? readAll(repository);
  cache.set(repository, locks);
  return locks;
}

async function readAll(repository: Repository): Promise<readonly Lock[]> {
  const locks: Lock[] = [];
  const manifests = (await repository.files()).filter((file) => posix.basename(file) === 'package.json');
  for (const file of await repository.files()) {
    const format = lockFormats.find(({ name }) => name.test(file.slice(file.lastIndexOf('/') + 1)));
    if (!format || isTestData(repository, file)) continue;
    if (format.stack === 'node' && isStray(file, manifests)) continue;
    const lock = await readLock(repository.root, file, format);
    if (lock) locks.push(lock);
  }
  return withoutLeftovers(locks, await repository.stacks());
}

/**
 * npm creates a lock file in whatever folder it is started. Without a manifest beside it, but with some below, it would be
 * taken for theirs.
 */
function isStray(file: string, manifests: readonly string[]): boolean {
  const folder = folderOf(file);
  const isBelow = (manifest: string): boolean => folder === '' || manifest.startsWith(`${folder}/`);
  return !manifests.includes(posix.join(folder, 'package.json')) && manifests.some(isBelow);
}

/** Drops locks of members of a workspace that has a lock itself. Package managers ignore them, so they become outdated. */
function withoutLeftovers(locks: readonly Lock[], stacks: readonly Stack[]): readonly Lock[] {
  return locks.filter(({ stack, folder }) => {
    const member = stacks.find(({ id, folder: project }) => id === stack && project === folder);
    const workspace = member?.workspace;
    return workspace === undefined || !locks.some((lock) => lock.stack === stack && lock.folder === workspace);
  });
}

/** Judges only the folder, because lock files themselves are generated and therefore always foreign. */
function isTestData(repository: Repository, file: string): boolean {
  const folder = file.slice(0, file.lastIndexOf('/') + 1);
  return folder !== '' && (repository.isForeign(`${folder}index.md`) || repository.isTest(file));
}

async function readLock(root: string, file: string, format: LockFormat): Promise<Lock | undefined> {
  const folder = file.slice(0, Math.max(file.lastIndexOf('/'), 0));
  const identity = { file, folder, stack: format.stack, manager: format.manager };
  const path = join(root, file);
  const stat = await lstat(path).catch(() => undefined);
  if (!stat?.isFile()) return undefined;
  if (!format.read) return { ...identity, entries: [], problem: { kind: 'binary', text: 'its format is binary' } };
  if (stat.size > maxBytes)
    return { ...identity, entries: [], problem: unreadable(`it is too large (${stat.size} bytes)`) };
  try {
    const content = await format.read((await readFile(path, 'utf8')).replace(/^\uFEFF/, ''));
    // Without hashes a requirements file is not a lock file.
    const isUnlocked =
      format.read === readRequirements &&
      content.entries.every(({ integrity, origin }) => !integrity || origin === 'git');
    return isUnlocked ? undefined : { ...identity, ...content };
  } catch (error) {
    return { ...identity, entries: [], problem: unreadable(reasonOf(error)) };
  }
}

const unreadable = (text: string): LockProblem => ({ kind: 'unreadable', text });

function reasonOf(error: unknown): string {
  // The stack of a parser that calls itself for each level.
  if (error instanceof RangeError) return 'it is nested too deeply';
  return error instanceof Error ? firstLine(error.message) : String(error);
}

const firstLine = (text: string): string => text.split('\n')[0] ?? '';
