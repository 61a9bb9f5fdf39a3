/** Checks for focused tests (such as `it.only`), which keep all others from running. */
import { plural } from '../../../../protocol/plural.ts';
import { type Check, type CheckContext, type CheckOutcome, fail, pass, skip } from '../../check/check.ts';
import { findingsOf } from '../../check/findings.ts';
import { findMarkedTests } from './find-marked-tests.ts';

export const focused: Check = {
  id: 'TST_FOCUSED',
  category: 'tests',
  severity: 'fatal',
  minProfile: 'dev',
  title: 'No focused tests',
  timeoutMs: 60_000,
  lane: 'cheap',
  run: checkFocused,
};

async function checkFocused(context: CheckContext): Promise<CheckOutcome> {
  const { fileCount, marked } = await findMarkedTests(context, ['focused']);
  if (fileCount === 0) return skip('not_applicable', 'No test files.');
  if (marked.length === 0) return pass(`No focused tests in ${plural(fileCount, 'file')}.`);
  const count = plural(marked.length, 'focused test or suite', 'focused tests or suites');
  return fail(`${count}: no other tests run.`, {
    findings: findingsOf(marked, ({ file, line, label }) => ({
      file,
      line,
      message: `${label} keeps the other tests from running.`,
    })),
    remediation: [
      {
        priority: 'critical',
        title: 'Remove focus markers',
        steps: ['Remove each marker (such as .only).', 'Run all tests, because others may fail now.'],
      },
    ],
  });
}
