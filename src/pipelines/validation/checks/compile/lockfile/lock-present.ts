/** Whether what is installed is written down in a lock, so that everyone gets the same. */
import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Finding } from '../../../../../protocol/validation.ts';
import { hashOf } from '../../../../detection/files/content-hash.ts';
import { type Check, fault, pass, skip } from '../../../check/check.ts';
import { counted } from '../../../check/findings.ts';
import { formats } from '../../../locks/locks.ts';
import { folderOf } from '../../../repository/folders.ts';
import { field } from '../../../repository/manifest-formats.ts';
import type { Repository, Stack } from '../../../repository/repository.ts';
import { type Wish, wishesOf } from './manifest-requirements.ts';

/** Locks of a stack in its own folder and in those around it, by name. */
function locksAround(files: ReadonlySet<string>, { id, folder }: Stack): string[] {
  const found: string[] = [];
  for (const file of files) {
    const format = formats.find(({ name, stack }) => stack === id && name.test(posix.basename(file)));
    const at = folderOf(file);
    if (format && (at === '' || folder === at || folder.startsWith(`${at}/`))) found.push(file);
  }
  return found;
}

interface Need {
  /** Name of the lock that is missing. */
  readonly lock: string;
  readonly command?: readonly string[];
}

/** What a stack without a lock is missing; nothing where it needs none. */
async function needOf(repository: Repository, stack: Stack, wishes: readonly Wish[]): Promise<Need | undefined> {
  if (wishes.every(({ kind }) => kind === 'peer')) return undefined;
  switch (stack.id) {
    case 'node': {
      const settings =
        (await repository.text(posix.join(stack.folder, '.npmrc'))) ?? (await repository.text('.npmrc')) ?? '';
      if (/^\s*package-lock\s*=\s*false\b/m.test(settings)) return undefined;
      return nodeLocks[stack.packageManager] ?? nodeLocks['npm'];
    }
    case 'python':
      return pythonNeed(stack, wishes);
    case 'rust':
      return (await hasProgram(repository, stack))
        ? { lock: 'Cargo.lock', command: ['cargo', 'generate-lockfile'] }
        : undefined;
    default:
      return { lock: 'go.sum', command: ['go', 'mod', 'tidy'] };
  }
}

const nodeLocks: Readonly<Record<string, Need>> = {
  npm: { lock: 'package-lock.json', command: ['npm', 'install', '--package-lock-only'] },
  pnpm: { lock: 'pnpm-lock.yaml', command: ['pnpm', 'install', '--lockfile-only'] },
  yarn: { lock: 'yarn.lock', command: ['yarn', 'install'] },
  bun: { lock: 'bun.lock', command: ['bun', 'install', '--lockfile-only'] },
};

const pythonLocks: Readonly<Record<string, Need>> = {
  uv: { lock: 'uv.lock', command: ['uv', 'lock'] },
  poetry: { lock: 'poetry.lock', command: ['poetry', 'lock'] },
  pdm: { lock: 'pdm.lock', command: ['pdm', 'lock'] },
  pipenv: { lock: 'Pipfile.lock', command: ['pipenv', 'lock'] },
};

/** pip has no lock of its own: a list in which every version is fixed does for a program; a library has none. */
function pythonNeed({ packageManager, manifest }: Stack, wishes: readonly Wish[]): Need | undefined {
  const named = pythonLocks[packageManager];
  if (named || !manifest.endsWith('requirements.txt')) return named;
  const loose =
    wishes.some(({ range }) => range !== '' && !/^===?[^*]+$/.test(range)) || wishes.some(({ range }) => range === '');
  return loose ? { lock: 'requirements.txt with every version fixed (name==version)' } : undefined;
}

/** A library is built with the versions of who uses it: only programs need a lock. */
async function hasProgram(repository: Repository, { folder, manifest }: Stack): Promise<boolean> {
  const files = await repository.files();
  const start = folder === '' ? '' : `${folder}/`;
  const main = /^(?:.*\/)?src\/(?:main\.rs|bin\/)/;
  return (
    field(await repository.toml(manifest), 'bin') !== undefined ||
    files.some((file) => file.startsWith(start) && main.test(file.slice(start.length)))
  );
}

/** A list of requirements is judged by what is in it. */
const isList = (lock: string): boolean => /requirements/.test(posix.basename(lock));

const present: Check = {
  id: 'BLD_LOCK_PRESENT',
  category: 'build',
  severity: 'warning',
  from: 'dev',
  title: 'A lock says which versions are installed',
  timeoutMs: 3000,
  lane: 'cheap',
  run: async ({ repository }) => {
    const stacks = await repository.stacks();
    if (stacks.length === 0) return skip('not_applicable', 'There is no manifest of Node, Python, Rust or Go.');
    const files = new Set(await repository.files());
    const found = new Set<string>();
    const missing: { readonly stack: Stack; readonly need: Need; readonly isThere: boolean }[] = [];
    for (const stack of stacks) {
      const around = locksAround(files, stack).filter((lock) => !isList(lock));
      for (const lock of around) found.add(lock);
      if (around.length > 0) continue;
      const wishes = await wishesOf(repository, stack);
      const need = await needOf(repository, stack, wishes);
      if (!need && wishes.length > 0 && stack.manifest.endsWith('requirements.txt')) found.add(stack.manifest);
      if (need) missing.push({ stack, need, isThere: existsSync(join(repository.root, stack.folder, need.lock)) });
    }
    if (missing.length === 0 && found.size === 0) {
      return skip(
        'not_applicable',
        `${counted(stacks.length, 'project')} without a need for a lock: no dependencies, a library, or told so.`,
      );
    }
    const evidence = [...found]
      .slice(0, 50)
      .map((path) => ({ kind: 'hash', content: hashFile(repository.root, path), path }) as const);
    if (missing.length === 0)
      return pass(`${counted(found.size, 'lock')}: ${[...found].slice(0, 5).join(', ')}.`, { evidence });
    const [first] = missing;
    return fault(
      `${counted(missing.length, 'project')} of ${stacks.length} has no lock in the repository: ${missing
        .map(({ stack }) => stack.manifest)
        .slice(0, 5)
        .join(', ')}.`,
      {
        evidence,
        findings: missing.map(
          ({ stack, need, isThere }): Finding => ({
            file: stack.manifest,
            message: isThere ? `${need.lock} is there and not committed.` : `There is no ${need.lock} beside it.`,
          }),
        ),
        remediation: [
          {
            priority: 'medium',
            title: 'Commit a lock',
            steps: [
              'Make the lock and commit it: without one, everyone gets other versions.',
              'A library that wants none says so: package-lock=false in .npmrc.',
            ],
            ...(first?.need.command && first.stack.folder === '' ? { command: first.need.command } : {}),
          },
        ],
      },
    );
  },
};

function hashFile(root: string, file: string): string {
  try {
    return `sha256:${hashOf(readFileSync(join(root, file)))}`;
  } catch {
    return 'unreadable';
  }
}

export const presenceChecks: readonly Check[] = [present];
