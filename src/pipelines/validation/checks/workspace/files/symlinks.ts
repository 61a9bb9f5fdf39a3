/** Checks that symbolic links stay inside the repository. */
import { readlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { plural } from '../../../../../protocol/plural.ts';
import { type Check, fail, pass } from '../../../check/check.ts';
import { findingsOf } from '../../../check/findings.ts';
import { isFixtureName } from '../../../repository/foreign/file-names.ts';
import { type GitQuery, readPrefix, splitNul, withGit } from '../git/git-query.ts';

/** Mode of a symbolic link in the output of `git ls-files -s`. */
const linkMode = '120000 ';

async function listLinks(git: GitQuery): Promise<string[]> {
  const entries = splitNul((await git(['ls-files', '-s', '-z'])).stdout).filter((entry) => entry.startsWith(linkMode));
  const links = entries.map((entry) => entry.slice(entry.indexOf('\t') + 1));
  return links.filter((file) => !isFixtureName(file));
}

/** Explains why a link does not work on other machines. Returns undefined if its target is inside the repository. */
function explainBadTarget(file: string, target: string, prefix: string): string | undefined {
  const path = target.replaceAll('\\', '/');
  if (path.startsWith('/') || /^[a-z]:/i.test(path))
    return `The link points to ${target}, an absolute path that exists on one machine only.`;
  const resolved = posix.normalize(posix.join(prefix, posix.dirname(file), path));
  const leaves = resolved === '..' || resolved.startsWith('../');
  return leaves ? `The link points to ${target}, which is outside the repository.` : undefined;
}

export const symlinks: Check = {
  id: 'WS_SYMLINKS',
  category: 'workspace',
  severity: 'fatal',
  minProfile: 'dev',
  title: 'Symbolic links stay inside the repository',
  timeoutMs: 2000,
  lane: 'cheap',
  run: withGit(async (git, context) => {
    const links = await listLinks(git);
    if (links.length === 0) return pass('No symbolic links are tracked.');
    const prefix = await readPrefix(git);
    const results = await Promise.all(
      links.map(async (file) => {
        // On systems without symbolic links, Git writes a plain file that contains the target.
        const target = await readlink(join(context.repository.root, file)).catch(() => undefined);
        const message = target === undefined ? undefined : explainBadTarget(file, target, prefix);
        return message === undefined ? undefined : { file, message };
      }),
    );
    const findings = results.filter((result) => result !== undefined);
    if (findings.length === 0) {
      const count = plural(links.length, 'tracked symbolic link points', 'tracked symbolic links point');
      return pass(`${count} into the repository.`);
    }
    const verb = findings.length === 1 ? 'points' : 'point';
    return fail(
      `${findings.length} of ${plural(links.length, 'tracked symbolic link')} ${verb} outside the repository.`,
      {
        findings: findingsOf(findings, (finding) => finding),
        remediation: [
          {
            priority: 'critical',
            title: 'Make the links point into the repository',
            steps: ['Make each one a relative link to a tracked file, or replace it with a copy of its target.'],
          },
        ],
      },
    );
  }),
};
