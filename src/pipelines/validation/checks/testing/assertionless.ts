/** Checks for tests without an assertion, which pass as long as nothing throws. */
import { plural } from '../../../../protocol/plural.ts';
import { type Check, type CheckContext, type CheckOutcome, fail, pass, skip } from '../../check/check.ts';
import { findingsOf } from '../../check/findings.ts';
import { readTestFiles } from './dialects/find-tests.ts';
import type { TestRoutine } from './dialects/test-dialect.ts';

export const assertionless: Check = {
  id: 'TST_ASSERTIONLESS',
  category: 'tests',
  severity: 'info',
  minProfile: 'enterprise',
  title: 'Every test contains an assertion',
  timeoutMs: 60_000,
  lane: 'cheap',
  run: checkAssertionless,
};

interface LocatedRoutine extends TestRoutine {
  readonly file: string;
}

async function checkAssertionless(context: CheckContext): Promise<CheckOutcome> {
  const routines: LocatedRoutine[] = [];
  for await (const testFile of readTestFiles(context, { facts: true })) {
    for (const routine of testFile.dialect.findRoutines(testFile)) routines.push({ ...routine, file: testFile.file });
  }
  const tests = routines.filter(({ isTest }) => isTest);
  if (tests.length === 0) return skip('not_applicable', 'No test functions found in the test files.');
  const asserting = findAsserting(routines);
  const silent = tests.filter((test) => !assertsWith(test, asserting));
  if (silent.length === 0) return pass(`${plural(tests.length, 'test')}, each with an assertion.`);
  return fail(`${silent.length} of ${plural(tests.length, 'test')} without an assertion.`, {
    findings: findingsOf(silent, ({ file, line, name }) => ({ file, line, message: `"${name}" has no assertion.` })),
    remediation: [
      {
        priority: 'low',
        title: 'Add assertions',
        steps: ['Assert the result of each test. If it only must not throw, assert that explicitly.'],
      },
    ],
  });
}

/** Returns the names of routines in all files that assert directly or through a routine they call. */
function findAsserting(routines: readonly TestRoutine[]): ReadonlySet<string> {
  const asserting = new Set<string>();
  for (let previousSize = -1; previousSize < asserting.size; ) {
    previousSize = asserting.size;
    for (const routine of routines) {
      if (!routine.isTest && assertsWith(routine, asserting)) asserting.add(routine.name);
    }
  }
  return asserting;
}

function assertsWith({ asserts, calls }: TestRoutine, asserting: ReadonlySet<string>): boolean {
  return asserts || [...calls].some((name) => asserting.has(name));
}
