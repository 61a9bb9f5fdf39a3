/** Checks that the repository has a commit. */
import { type Check, fail, pass } from '../../../check/check.ts';
import { withGit } from './git-query.ts';

export const gitHead: Check = {
  id: 'WS_GIT_HEAD',
  category: 'workspace',
  severity: 'fatal',
  minProfile: 'dev',
  title: 'The repository has a commit',
  timeoutMs: 2000,
  lane: 'cheap',
  run: withGit(async (git) => {
    const commit = (await git(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], { maxExitCode: 1 })).stdout.trim();
    const branch = (await git(['symbolic-ref', '--quiet', '--short', 'HEAD'], { maxExitCode: 1 })).stdout.trim();
    if (commit === '') {
      return fail(branch ? `Branch ${branch} has no commits yet.` : 'HEAD does not point to a commit.', {
        remediation: [
          {
            priority: 'critical',
            title: 'Create the first commit',
            steps: ['Add the files that belong to the project.', 'Commit them.'],
            command: ['git', 'commit', '--message', 'first commit'],
          },
        ],
      });
    }
    return pass(`HEAD is ${commit.slice(0, 12)}${branch ? ` on ${branch}` : ' (detached)'}.`, {
      evidence: [{ kind: 'command_output', content: commit }],
    });
  }),
};
