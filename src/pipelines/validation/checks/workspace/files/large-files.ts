/** Checks that large files are kept out of the Git history. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { createYielder } from '../../../../../process/yield-to-loop.ts';
import { plural } from '../../../../../protocol/plural.ts';
import { type Check, fail, pass } from '../../../check/check.ts';
import { findingsOf } from '../../../check/findings.ts';
import { type GitQuery, withGit } from '../git/git-query.ts';

/** Maximum size of a tracked file. Larger files noticeably slow down clones; GitHub warns only from 50 MB. */
const maxBytes = 5_000_000;

/** Returns the files whose content git stores elsewhere (LFS, annex). `check-attr -z` prints path, name and value. */
async function findStoredElsewhere(git: GitQuery, files: readonly string[]): Promise<Set<string>> {
  const { stdout } = await git(['check-attr', '-z', '--stdin', 'filter'], { input: files.join('\0') });
  const parts = stdout.split('\0');
  return new Set(parts.filter((_, index) => index % 3 === 0 && ['lfs', 'annex'].includes(parts[index + 2] ?? '')));
}

export const largeFiles: Check = {
  id: 'WS_LARGE_FILES',
  category: 'workspace',
  severity: 'warning',
  minProfile: 'dev',
  title: `No tracked file outside Git LFS exceeds ${maxBytes / 1e6} MB`,
  timeoutMs: 2000,
  lane: 'cheap',
  run: withGit(async (git, { repository }) => {
    const files = [...(await repository.trackedFiles())];
    const large: { readonly file: string; readonly size: number }[] = [];
    const yieldIfDue = createYielder();
    for (const file of files) {
      await yieldIfDue();
      // Synchronous on purpose: the call takes microseconds, less than waiting for a free thread of the pool.
      const stats = lstatSync(join(repository.root, file), { throwIfNoEntry: false });
      if (stats?.isFile() && stats.size > maxBytes) large.push({ file, size: stats.size });
    }
    const storedElsewhere =
      large.length > 0
        ? await findStoredElsewhere(
            git,
            large.map(({ file }) => file),
          )
        : new Set<string>();
    const oversized = large.filter(({ file }) => !storedElsewhere.has(file)).sort((a, b) => b.size - a.size);
    const limit = `${maxBytes / 1e6} MB`;
    if (oversized.length === 0)
      return pass(`No file outside Git LFS exceeds ${limit} (${plural(files.length, 'file')} checked).`);
    return fail(`${plural(oversized.length, 'tracked file exceeds', 'tracked files exceed')} ${limit}.`, {
      findings: findingsOf(oversized, ({ file, size }) => ({
        file,
        message: `This file is ${(size / 1e6).toFixed(1)} MB.`,
      })),
      remediation: [
        {
          priority: 'low',
          title: 'Keep large files out of the history',
          steps: [
            'Store them in Git LFS, or download them where they are needed.',
            'If a build writes them, add them to .gitignore.',
          ],
          command: ['git', 'lfs', 'track', oversized[0]?.file ?? ''],
        },
      ],
    });
  }),
};
