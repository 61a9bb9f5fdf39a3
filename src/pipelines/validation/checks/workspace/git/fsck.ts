/** Checks that the repository has every object it needs. */
import { plural } from '../../../../../protocol/plural.ts';
import { type Check, fail, pass } from '../../../check/check.ts';
import { withGit } from './git-query.ts';

export const fsck: Check = {
  id: 'WS_FSCK',
  category: 'workspace',
  severity: 'warning',
  minProfile: 'enterprise',
  title: 'The Git object database is complete',
  timeoutMs: 8000,
  lane: 'process',
  run: withGit(async (git) => {
    // The bits of the exit code name the kinds of errors (git-fsck(1)). 128 means that fsck itself failed.
    const result = await git(['fsck', '--connectivity-only', '--no-dangling', '--no-progress'], { maxExitCode: 127 });
    const output = `${result.stdout}${result.stderr}`.trim();
    const evidence = [{ kind: 'command_output', content: output }] as const;
    if (result.code === 0) return pass('No Git objects are missing.', { evidence });
    const errors = output.split('\n').filter((line) => /^(?:missing|error|fatal)/.test(line));
    return fail(`git fsck found ${plural(errors.length, 'error')}, for example “${errors[0] ?? output}”.`, {
      evidence,
      remediation: [
        {
          priority: 'critical',
          title: 'Repair the repository',
          steps: [
            'Make a copy of the folder first.',
            'Fetch the missing objects from a remote, or clone again and carry over unpushed work.',
          ],
          command: ['git', 'fsck', '--full'],
        },
      ],
    });
  }),
};
