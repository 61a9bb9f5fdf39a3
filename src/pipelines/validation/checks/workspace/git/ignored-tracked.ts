/** Checks that no tracked file is ignored. */
import { plural } from '../../../../../protocol/plural.ts';
import { type Check, fail, pass } from '../../../check/check.ts';
import { findingsOf } from '../../../check/findings.ts';
import { isFixtureName } from '../../../repository/foreign/file-names.ts';
import { splitNul, withGit } from './git-query.ts';

/** Files that are tracked on purpose in an ignored folder, to keep the folder in the repository. */
const placeholders = /(?:^|\/)(?:\.gitkeep|\.keep|\.gitignore|\.npmignore|\.placeholder|README[^/]*)$/i;

export const ignoredTracked: Check = {
  id: 'WS_IGNORED_TRACKED',
  category: 'workspace',
  severity: 'warning',
  minProfile: 'enterprise',
  title: 'No tracked file is ignored',
  timeoutMs: 3000,
  lane: 'cheap',
  run: withGit(async (git, { repository }) => {
    // Only .gitignore files count: a user's personal rules would give different findings on each machine.
    const output = await git(['ls-files', '-c', '-i', '--exclude-per-directory=.gitignore', '-z']);
    const ignored = splitNul(output.stdout).filter(
      (file) => !placeholders.test(file) && !isFixtureName(file) && !repository.isTest(file),
    );
    if (ignored.length === 0) return pass('No tracked file is ignored by .gitignore.');
    return fail(`${plural(ignored.length, 'tracked file is', 'tracked files are')} ignored by .gitignore.`, {
      findings: findingsOf(ignored, (file) => ({
        file,
        message: 'This file is tracked, but a .gitignore rule ignores it.',
      })),
      remediation: [
        {
          priority: 'low',
          title: 'Untrack the files or stop ignoring them',
          steps: [
            'If a build writes the file, remove it from Git.',
            'Otherwise add an exception to .gitignore, with “!” before the path.',
          ],
          command: ['git', 'rm', '--cached', ignored[0] ?? ''],
        },
      ],
    });
  }),
};
