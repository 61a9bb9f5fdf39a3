/** Finds tests that assert nothing: they pass as long as nothing throws. */
import { type Context, fault, type Outcome, pass, skip } from '../../check/check.ts';
import { counted, findingsOf } from '../../check/findings.ts';
import { testsOf } from './dialects/find-tests.ts';
import type { Routine } from './dialects/test-dialect.ts';

interface Found extends Routine {
  readonly file: string;
}

export async function assertionless(context: Context): Promise<Outcome> {
  const routines: Found[] = [];
  for await (const source of testsOf(context, { facts: true })) {
    for (const routine of source.dialect.routines(source)) routines.push({ ...routine, file: source.file });
  }
  const tests = routines.filter(({ test }) => test);
  if (tests.length === 0) return skip('not_applicable', 'No test function was found whose code could be read.');
  const asserting = assertingOf(routines);
  const silent = tests.filter((test) => !assertsWith(test, asserting));
  if (silent.length === 0) return pass(`Each of ${counted(tests.length, 'test')} asserts something.`);
  return fault(
    `${counted(silent.length, 'test')} of ${tests.length} without an assertion: they pass unless something throws.`,
    {
      findings: findingsOf(silent, ({ file, line, name }) => ({ file, line, message: `“${name}” asserts nothing.` })),
      remediation: [
        {
          priority: 'low',
          title: 'Let each test assert what it is for',
          steps: ['Assert the result, or say in the name that nothing may throw and assert that.'],
        },
      ],
    },
  );
}

/** Names of routines that assert by themselves or by what they call, over all files. */
function assertingOf(routines: readonly Routine[]): ReadonlySet<string> {
  const asserting = new Set<string>();
  for (let before = -1; before < asserting.size; ) {
    before = asserting.size;
    for (const routine of routines) if (!routine.test && assertsWith(routine, asserting)) asserting.add(routine.name);
  }
  return asserting;
}

function assertsWith({ asserts, calls }: Routine, asserting: ReadonlySet<string>): boolean {
  return asserts || [...calls].some((name) => asserting.has(name));
}
