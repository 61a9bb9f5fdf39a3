/** The lock files of a workspace, by name: one row adds one format. */
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Repository, StackId } from '../repository/repository.ts';
import type { Lock, Reader } from './lock.ts';
import { readBun } from './read-bun.ts';
import { readCargo } from './read-cargo.ts';
import { readGoSum } from './read-go.ts';
import { readNpm } from './read-npm.ts';
import { readPnpm } from './read-pnpm.ts';
import { readPipfile, readRequirements, readTables } from './read-python.ts';
import { readYarn } from './read-yarn.ts';

export interface Format {
  /** Of the whole file name. */
  readonly name: RegExp;
  readonly stack: StackId;
  readonly manager: string;
  /** None: the format is binary. */
  readonly read?: Reader;
}

export const formats: readonly Format[] = [
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

/** Locks of large repositories have some ten million bytes; what is far larger is none. */
const mostBytes = 64 * 1024 * 1024;

const known = new WeakMap<Repository, Promise<readonly Lock[]>>();

/** Every lock that is no test's data; read once for all checks of a run. */
export function locksOf(repository: Repository): Promise<readonly Lock[]> {
  const locks = known.get(repository) ?? readAll(repository);
  known.set(repository, locks);
  return locks;
}

async function readAll(repository: Repository): Promise<readonly Lock[]> {
  const locks: Lock[] = [];
  for (const file of await repository.files()) {
    const format = formats.find(({ name }) => name.test(file.slice(file.lastIndexOf('/') + 1)));
    if (!format || isData(repository, file)) continue;
    const lock = await readLock(repository.root, file, format);
    if (lock) locks.push(lock);
  }
  return locks;
}

/** A lock is written by a machine, so a repository may call it foreign: what counts is the folder that it stands in. */
function isData(repository: Repository, file: string): boolean {
  const folder = file.slice(0, file.lastIndexOf('/') + 1);
  return folder !== '' && repository.isForeign(`${folder}index.md`);
}

async function readLock(root: string, file: string, format: Format): Promise<Lock | undefined> {
  const folder = file.slice(0, Math.max(file.lastIndexOf('/'), 0));
  const head = { file, folder, stack: format.stack, manager: format.manager };
  const path = join(root, file);
  const stat = await lstat(path).catch(() => undefined);
  if (!stat?.isFile()) return undefined;
  if (!format.read) return { ...head, entries: [], problem: 'its format is binary' };
  if (stat.size > mostBytes) return { ...head, entries: [], problem: `it has ${stat.size} bytes` };
  try {
    const content = await format.read((await readFile(path, 'utf8')).replace(/^\uFEFF/, ''));
    const plain =
      format.read === readRequirements &&
      content.entries.every(({ integrity, origin }) => !integrity || origin === 'git');
    return plain ? undefined : { ...head, ...content };
  } catch (error) {
    return { ...head, entries: [], problem: error instanceof Error ? firstLine(error.message) : String(error) };
  }
}

const firstLine = (text: string): string => text.split('\n')[0] ?? '';
