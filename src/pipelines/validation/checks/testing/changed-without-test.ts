/** Checks that changes of source files come with changes of tests. */
import { plural } from '../../../../protocol/plural.ts';
import { type Check, type CheckContext, type CheckOutcome, fail, pass, skip } from '../../check/check.ts';
import { findingsOf } from '../../check/findings.ts';
import { changedSince, findBase } from '../changes.ts';
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

async function checkChanges(context: CheckContext): Promise<CheckOutcome> {
  const { repository } = context;
  if (!repository.git) return skip('no_git', 'Changes cannot be determined without Git.');
  const base = await findBase(context);
  if (!base) return skip('not_applicable', 'No base to compare with: no remote main branch, and no base was given.');
  const changed = await changedSince(base, context);
  if (!changed) return skip('not_applicable', `Git could not list the changes since ${base}.`);
  const tests: string[] = [];
  const sources: string[] = [];
  for (const { file } of changed) {
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
