/** Checks that changes of source files come with changes of tests. */
import { plural } from '../../../../protocol/plural.ts';
import { type Check, type CheckContext, type CheckOutcome, fail, pass, skip } from '../../check/check.ts';
import { findingsOf } from '../../check/findings.ts';
import { dialectOf } from './dialects/dialects.ts';

export const changedWithoutTest: Check = {
  id: 'TST_CHANGED_WITHOUT_TEST',
  category: 'tests',
  severity: 'info',
  minProfile: 'ci',
  title: 'Changes come with tests',
  timeoutMs: 60_000,
  lane: 'cheap',
  run: checkChanges,
};

/** Main branches of a remote to compare with, in order of preference. */
const mainBranches = ['origin/HEAD', 'origin/main', 'origin/master', 'upstream/HEAD'];

async function checkChanges(context: CheckContext): Promise<CheckOutcome> {
  const { repository } = context;
  if (!repository.git) return skip('no_git', 'Changes cannot be determined without Git.');
  const base = await findBase(context);
  if (!base) return skip('not_applicable', 'No base to compare with: no remote main branch, and no base was given.');
  const changed = await changedSince(base, context);
  if (!changed) return skip('not_applicable', `Git could not list the changes since ${base}.`);
  const tests: string[] = [];
  const sources: string[] = [];
  for (const file of changed) {
    const dialect = dialectOf(file);
    if (!dialect || repository.isForeign(file)) continue;
    const hasInlineTests = dialect.inline && dialect.testPattern.test((await repository.text(file)) ?? '');
    (repository.isTest(file) || hasInlineTests ? tests : sources).push(file);
  }
  const since = base.slice(0, 10);
  if (sources.length + tests.length === 0) return skip('not_applicable', `No source files changed since ${since}.`);
  if (sources.length === 0 || tests.length > 0) {
    return pass(
      `${plural(sources.length, 'source file')} and ${plural(tests.length, 'test file')} changed since ${since}.`,
    );
  }
  return fail(`${plural(sources.length, 'source file')} changed since ${since}, but no test file.`, {
    findings: findingsOf(sources, (file) => ({ file, message: 'Changed without a test.' })),
    remediation: [
      {
        priority: 'medium',
        title: 'Add tests for the changes',
        steps: ['Add a test that fails without the change.'],
      },
    ],
  });
}

/** Returns the output of a Git command, or undefined if it fails. */
async function git({ run }: CheckContext, ...args: string[]): Promise<string | undefined> {
  const result = await run('git', ['-c', 'core.fsmonitor=false', ...args], { maxBytes: 4_000_000 });
  return result?.code === 0 ? result.stdout : undefined;
}

/** Returns the merge base of HEAD with the given base, or with the first main branch that exists. */
async function findBase(context: CheckContext): Promise<string | undefined> {
  for (const ref of context.base ? [context.base] : mainBranches) {
    const base = await git(context, 'merge-base', ref, 'HEAD');
    if (base) return base.trim();
  }
  return undefined;
}

/**
 * Returns the files that changed since a commit, relative to the workspace. Includes uncommitted and untracked files, but
 * not files that were deleted or only renamed.
 */
async function changedSince(base: string, context: CheckContext): Promise<string[] | undefined> {
  const options = ['--name-status', '-z', '-M', '--relative', '--no-ext-diff', '--diff-filter=AMR'];
  const diff = await git(context, 'diff', ...options, base, '--', '.');
  const untracked = await git(context, 'ls-files', '-z', '--others', '--exclude-standard');
  if (diff === undefined) return undefined;
  const changed: string[] = [];
  const fields = diff.split('\0');
  for (let index = 0; index < fields.length - 1; ) {
    const status = fields[index++] as string;
    const file = fields[index++] as string;
    if (!status.startsWith('R')) changed.push(file);
    else {
      const newName = fields[index++] as string;
      if (status !== 'R100') changed.push(newName);
    }
  }
  return [...changed, ...(untracked ?? '').split('\0').filter(Boolean)];
}
