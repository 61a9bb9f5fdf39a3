/** Tests that keep others from running, and tests that do not run. */
import { type Context, fault, type Outcome, pass, skip } from '../../check/check.ts';
import { counted, findingsOf } from '../../check/findings.ts';
import { testsOf } from './dialects/find-tests.ts';
import type { Mark, MarkKind } from './dialects/test-dialect.ts';

interface Found extends Mark {
  readonly file: string;
}

async function marksIn(context: Context, kinds: readonly MarkKind[]): Promise<{ files: number; found: Found[] }> {
  const found: Found[] = [];
  let files = 0;
  for await (const source of testsOf(context, { facts: true })) {
    files++;
    for (const mark of source.dialect.marks(source)) {
      if (kinds.includes(mark.kind)) found.push({ ...mark, file: source.file });
    }
  }
  return { files, found };
}

const nothing = skip('not_applicable', 'There is no test file to look at.');

export async function focused(context: Context): Promise<Outcome> {
  const { files, found } = await marksIn(context, ['focused']);
  if (files === 0) return nothing;
  if (found.length === 0) return pass(`No test in ${counted(files, 'file')} keeps the others from running.`);
  return fault(
    `${counted(found.length, 'test or suite', 'tests or suites')} marked to run alone: the others do not run.`,
    {
      findings: findingsOf(found, ({ file, line, words }) => {
        return { file, line, message: `${words} keeps the other tests from running.` };
      }),
      remediation: [
        {
          priority: 'critical',
          title: 'Let all tests run',
          steps: ['Take the mark (such as .only) away at each place.', 'Run the tests again: others may fail now.'],
        },
      ],
    },
  );
}

export async function skipped(context: Context): Promise<Outcome> {
  const { files, found } = await marksIn(context, ['skipped', 'sometimes']);
  if (files === 0) return nothing;
  const always = found.filter(({ kind }) => kind === 'skipped');
  const sometimes = found.length - always.length;
  const more = sometimes > 0 ? `; ${counted(sometimes, 'is', 'are')} skipped on a condition` : '';
  if (always.length === 0) return pass(`No test in ${counted(files, 'file')} is always skipped${more}.`);
  return fault(`${counted(always.length, 'test or suite is', 'tests or suites are')} always skipped${more}.`, {
    findings: findingsOf(always, ({ file, line, words }) => ({ file, line, message: `${words}: this never runs.` })),
    remediation: [
      {
        priority: 'low',
        title: 'Look at skipped tests',
        steps: ['Mend and run each, or take it away: a test that never runs promises nothing.'],
      },
    ],
  });
}
