/** Checks that no git operation, such as a merge, is unfinished. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Check, fail, pass } from '../../../check/check.ts';
import { withGit } from './git-query.ts';

/** Files and folders that git keeps while an operation is in progress. */
const operations: readonly (readonly [marker: string, name: string, finish: readonly string[]])[] = [
  ['MERGE_HEAD', 'a merge', ['git', 'merge', '--continue']],
  ['rebase-merge', 'a rebase', ['git', 'rebase', '--continue']],
  ['rebase-apply', 'a rebase or “git am”', ['git', 'status']],
  ['CHERRY_PICK_HEAD', 'a cherry-pick', ['git', 'cherry-pick', '--continue']],
  ['REVERT_HEAD', 'a revert', ['git', 'revert', '--continue']],
  ['BISECT_LOG', 'a bisect', ['git', 'bisect', 'reset']],
];

export const inProgress: Check = {
  id: 'WS_IN_PROGRESS',
  category: 'workspace',
  severity: 'warning',
  minProfile: 'dev',
  title: 'No merge, rebase or bisect is in progress',
  timeoutMs: 1000,
  lane: 'cheap',
  run: withGit(async (git, { repository }) => {
    // Git resolves the paths, because a linked worktree or a submodule keeps these files outside `.git`.
    const { stdout } = await git(['rev-parse', ...operations.flatMap(([marker]) => ['--git-path', marker])]);
    const paths = stdout.trimEnd().split('\n');
    const unfinished = operations.filter((_, index) => existsSync(resolve(repository.root, paths[index] as string)));
    if (unfinished.length === 0) return pass('No merge, rebase, cherry-pick, revert or bisect is in progress.');
    const names = unfinished.map(([, name]) => name);
    return fail(`Git is in the middle of ${names.join(' and ')}.`, {
      evidence: [{ kind: 'file_content', content: unfinished.map(([marker]) => marker).join('\n') }],
      remediation: unfinished.map(([, name, command]) => ({
        priority: 'high',
        title: `Finish ${name}`,
        steps: ['Resolve the remaining conflicts.', 'Continue the operation, or abort it.'],
        command,
      })),
    });
  }),
};
