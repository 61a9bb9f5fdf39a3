/** Whether the lock still answers what the manifests wish for. */
import type { Finding } from '../../../../../protocol/validation.ts';
import { type Check, fault, pass, skip } from '../../../check/check.ts';
import { counted, findingsOf } from '../../../check/findings.ts';
import type { Lock } from '../../../locks/lock.ts';
import { locksOf } from '../../../locks/locks.ts';
import type { Repository, Stack } from '../../../repository/repository.ts';
import { differencesOf } from './lock-differences.ts';

/** The lock of a stack: in its own folder, or in the nearest around it. */
export function lockOf(locks: readonly Lock[], { id, folder, packageManager }: Stack): Lock | undefined {
  const around = locks.filter(
    (lock) =>
      lock.stack === id && (lock.folder === '' || folder === lock.folder || folder.startsWith(`${lock.folder}/`)),
  );
  const [nearest] = around.toSorted((a, b) => b.folder.length - a.folder.length);
  // Where several stand in one folder, the one of the package manager that the project names.
  return around.find((lock) => lock.folder === nearest?.folder && lock.manager === packageManager) ?? nearest;
}

interface Compared {
  readonly compared: readonly Lock[];
  readonly unread: readonly Lock[];
  readonly findings: readonly Finding[];
  readonly projects: number;
}

async function compare(repository: Repository): Promise<Compared> {
  const locks = await locksOf(repository);
  const stacks = await repository.stacks();
  const compared = new Set<Lock>();
  const unread = new Set<Lock>();
  const findings: Finding[] = [];
  let projects = 0;
  for (const stack of stacks) {
    const lock = lockOf(locks, stack);
    if (!lock) continue;
    if (lock.problem) {
      unread.add(lock);
      continue;
    }
    const differences = await differencesOf(repository, stack, lock);
    if (!differences) continue;
    compared.add(lock);
    projects++;
    for (const { message, line } of differences) {
      findings.push({ file: stack.manifest, ...(line ? { line } : {}), message: `${message} (${lock.file}).` });
    }
  }
  return { compared: [...compared], unread: [...unread], findings, projects };
}

const commands: Readonly<Record<string, readonly string[]>> = {
  npm: ['npm', 'install', '--package-lock-only'],
  pnpm: ['pnpm', 'install', '--lockfile-only'],
  yarn: ['yarn', 'install'],
  bun: ['bun', 'install', '--lockfile-only'],
  uv: ['uv', 'lock'],
  poetry: ['poetry', 'lock'],
  pdm: ['pdm', 'lock'],
  pipenv: ['pipenv', 'lock'],
  cargo: ['cargo', 'update', '--workspace'],
  go: ['go', 'mod', 'tidy'],
};

const fresh: Check = {
  id: 'BLD_LOCK_FRESH',
  category: 'build',
  severity: 'fatal',
  from: 'dev',
  title: 'The lock answers what the manifests wish for',
  timeoutMs: 10_000,
  lane: 'cheap',
  run: async ({ repository }) => {
    const { compared, unread, findings, projects } = await compare(repository);
    const broken = unread.filter(({ problem }) => problem !== 'its format is binary');
    if (broken.length > 0) {
      return fault(`${broken[0]?.file} cannot be read: ${broken[0]?.problem}.`, {
        findings: broken.map(({ file, problem }) => ({ file, message: `It cannot be read: ${problem}.` })),
        remediation: [remedy(broken[0])],
      });
    }
    if (compared.length === 0) {
      return skip(
        'not_applicable',
        unread[0]
          ? `${unread[0].file} is not compared: ${unread[0].problem}.`
          : 'No project has a lock to be compared with.',
      );
    }
    const names = compared
      .map(({ file }) => file)
      .slice(0, 5)
      .join(', ');
    if (findings.length === 0) return pass(`${names}: as ${counted(projects, 'manifest asks', 'manifests ask')}.`);
    return fault(
      `${counted(findings.length, 'wish', 'wishes')} of ${counted(projects, 'manifest')} and the lock differ: ${findings[0]?.message}`,
      {
        findings: findingsOf(findings, (one) => one),
        remediation: [remedy(compared[0])],
      },
    );
  },
};

function remedy(lock: Lock | undefined) {
  const command = lock?.folder === '' ? commands[lock.manager] : undefined;
  return {
    priority: 'critical',
    title: 'Bring the lock up to date',
    steps: ['Let the package manager write the lock anew, look at what changes, and commit it.'],
    ...(command ? { command } : {}),
  } as const;
}

export const freshnessChecks: readonly Check[] = [fresh];
