/** Checks that lock files match their manifests. */
import { defined } from '../../../../../protocol/defined.ts';
import { plural } from '../../../../../protocol/plural.ts';
import type { Finding } from '../../../../../protocol/validation/validation.ts';
import { type Check, fail, pass, skip } from '../../../check/check.ts';
import { findingsOf } from '../../../check/findings.ts';
import type { Lock } from '../../../locks/lock.ts';
import { readLocks } from '../../../locks/locks.ts';
import type { Repository, Stack } from '../../../repository/repository.ts';
import { lockCommands } from './lock-commands.ts';
import { compareWithLock } from './lock-differences.ts';

/** Returns the lock of a project: in its folder, or in the nearest folder around it. */
export function findLock(locks: readonly Lock[], { id, folder, packageManager }: Stack): Lock | undefined {
  const candidates = locks.filter(
    (lock) =>
      lock.stack === id && (lock.folder === '' || folder === lock.folder || folder.startsWith(`${lock.folder}/`)),
  );
  const [nearest] = candidates.toSorted((a, b) => b.folder.length - a.folder.length);
  // If a folder has several locks, prefers the one of the project's package manager.
  return candidates.find((lock) => lock.folder === nearest?.folder && lock.manager === packageManager) ?? nearest;
}

interface LockComparison {
  readonly compared: readonly Lock[];
  /** Locks that could not be read. */
  readonly unread: readonly Lock[];
  readonly findings: readonly Finding[];
  readonly projectCount: number;
}

async function compareLocks(repository: Repository): Promise<LockComparison> {
  const locks = await readLocks(repository);
  const stacks = await repository.stacks();
  const compared = new Set<Lock>();
  const unread = new Set<Lock>();
  const findings: Finding[] = [];
  let projectCount = 0;
  for (const stack of stacks) {
    const lock = findLock(locks, stack);
    if (!lock) continue;
    if (lock.problem) {
      unread.add(lock);
      continue;
    }
    const differences = await compareWithLock(repository, stack, lock);
    compared.add(lock);
    projectCount++;
    for (const { message, line } of differences)
      findings.push({ file: stack.manifest, ...defined({ line }), message: `${message} (${lock.file}).` });
  }
  return { compared: [...compared], unread: [...unread], findings, projectCount };
}

export const lockFresh: Check = {
  id: 'BLD_LOCK_FRESH',
  category: 'build',
  severity: 'fatal',
  minProfile: 'dev',
  title: 'Lock files match the manifests',
  timeoutMs: 10_000,
  lane: 'cheap',
  run: async ({ repository }) => {
    const { compared, unread, findings, projectCount } = await compareLocks(repository);
    const broken = unread.filter(({ problem }) => problem?.kind !== 'binary');
    if (broken.length > 0) {
      return fail(`Could not read ${broken[0]?.file}: ${broken[0]?.problem?.text}.`, {
        findings: broken.map(({ file, problem }) => ({ file, message: `Could not read this file: ${problem?.text}.` })),
        remediation: [createRemediation(broken[0])],
      });
    }
    if (compared.length === 0) {
      return skip(
        'not_applicable',
        unread[0] ? `Could not compare ${unread[0].file}: ${unread[0].problem?.text}.` : 'No project has a lock file.',
      );
    }
    const names = compared
      .map(({ file }) => file)
      .slice(0, 5)
      .join(', ');
    const manifests = plural(projectCount, 'manifest');
    if (findings.length === 0) return pass(`${names} ${compared.length === 1 ? 'matches' : 'match'} ${manifests}.`);
    const count = plural(findings.length, 'difference');
    return fail(`${count} between the lock file and ${manifests}: ${findings[0]?.message}`, {
      findings: findingsOf(findings, (finding) => finding),
      remediation: [createRemediation(compared[0])],
    });
  },
};

function createRemediation(lock: Lock | undefined) {
  const command = lock?.folder === '' ? lockCommands[lock.manager] : undefined;
  return {
    priority: 'critical',
    title: 'Update the lock file',
    steps: ['Update it with the package manager, review the changes and commit them.'],
    ...defined({ command }),
  } as const;
}
