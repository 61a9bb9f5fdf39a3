/** Checks for tests that never run. */
import { plural } from '../../../../protocol/plural.ts';
import { type Check, type CheckContext, type CheckOutcome, fail, pass, skip } from '../../check/check.ts';
import { findingsOf } from '../../check/findings.ts';
import { findMarkedTests } from './find-marked-tests.ts';

export const skipped: Check = {
  id: 'TST_SKIPPED',
  category: 'tests',
  severity: 'info',
  minProfile: 'ci',
  title: 'No tests are always skipped',
  timeoutMs: 60_000,
  lane: 'cheap',
  run: checkSkipped,
};

async function checkSkipped(context: CheckContext): Promise<CheckOutcome> {
  const { fileCount, marked } = await findMarkedTests(context, ['skipped', 'sometimes']);
  if (fileCount === 0) return skip('not_applicable', 'No test files.');
  const always = marked.filter(({ kind }) => kind === 'skipped');
  const sometimes = marked.length - always.length;
  const conditional = sometimes > 0 ? `; ${plural(sometimes, 'is', 'are')} skipped conditionally` : '';
  if (always.length === 0) return pass(`No tests in ${plural(fileCount, 'file')} are always skipped${conditional}.`);
  return fail(`${plural(always.length, 'test or suite is', 'tests or suites are')} always skipped${conditional}.`, {
    findings: findingsOf(always, ({ file, line, label }) => ({ file, line, message: `Always skipped (${label}).` })),
    remediation: [
      {
        priority: 'low',
        title: 'Review skipped tests',
        steps: ['Fix and enable each test, or delete it.'],
      },
    ],
  });
}
