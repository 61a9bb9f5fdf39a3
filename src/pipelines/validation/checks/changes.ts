/** Finds what changed since a commit: the merge base with the main branch, or the base that the user gave. */
import type { CheckContext } from '../check/check.ts';

/** Main branches of a remote to compare with, in order of preference. */
const mainBranches = ['origin/HEAD', 'origin/main', 'origin/master', 'upstream/HEAD'];
const maxOutputBytes = 4_000_000;

export interface ChangedFile {
  /** Relative to the workspace. */
  readonly file: string;
  readonly isNew: boolean;
}

/** Returns the output of a Git command, or undefined if it fails. */
export async function askRepository({ run }: CheckContext, ...args: string[]): Promise<string | undefined> {
  const result = await run('git', ['-c', 'core.fsmonitor=false', ...args], { maxBytes: maxOutputBytes });
  return result?.code === 0 ? result.stdout : undefined;
}

/** Returns the merge base of HEAD with the given base, or with the first main branch that exists. */
export async function findBase(context: CheckContext): Promise<string | undefined> {
  for (const ref of context.base ? [context.base] : mainBranches) {
    const base = await askRepository(context, 'merge-base', ref, 'HEAD');
    if (base) return base.trim();
  }
  return undefined;
}

/**
 * Returns the files that changed since a commit. Includes uncommitted and untracked files, but not files that were deleted
 * or only renamed. Returns undefined if Git fails.
 */
export async function changedSince(base: string, context: CheckContext): Promise<ChangedFile[] | undefined> {
  const options = ['--name-status', '-z', '-M', '--relative', '--no-ext-diff', '--diff-filter=AMR'];
  const diff = await askRepository(context, 'diff', ...options, base, '--', '.');
  const untracked = await askRepository(context, 'ls-files', '-z', '--others', '--exclude-standard');
  if (diff === undefined) return undefined;
  const changed: ChangedFile[] = [];
  const fields = diff.split('\0');
  for (let index = 0; index < fields.length - 1; ) {
    const status = fields[index++] as string;
    const file = fields[index++] as string;
    if (!status.startsWith('R')) changed.push({ file, isNew: status === 'A' });
    else {
      const newName = fields[index++] as string;
      if (status !== 'R100') changed.push({ file: newName, isNew: false });
    }
  }
  const isFile = (name: string): boolean => name !== '' && !name.endsWith('/');
  return [
    ...changed,
    ...(untracked ?? '')
      .split('\0')
      .filter(isFile)
      .map((file) => ({ file, isNew: true })),
  ];
}
