/** The rows of the tests category. */
import type { Check } from '../../check/check.ts';
import { assertionless } from './assertionless.ts';
import { changedWithoutTest } from './changed-without-test.ts';
import { focused, skipped } from './focused.ts';
import { configured, present } from './present.ts';
import { resultsFresh } from './results-fresh.ts';
import { collect, runAll } from './run.ts';

const category = 'tests';

export const testsChecks: readonly Check[] = [
  {
    id: 'TST_PRESENT',
    category,
    severity: 'warning',
    from: 'dev',
    title: 'There are tests',
    timeoutMs: 60_000,
    lane: 'cheap',
    run: present,
  },
  {
    id: 'TST_CONFIG',
    category,
    severity: 'warning',
    from: 'dev',
    title: 'Something is known to run the tests',
    timeoutMs: 60_000,
    lane: 'cheap',
    run: configured,
  },
  {
    id: 'TST_FOCUSED',
    category,
    severity: 'fatal',
    from: 'dev',
    title: 'No test is marked to run alone',
    timeoutMs: 60_000,
    lane: 'cheap',
    run: focused,
  },
  {
    id: 'TST_SKIPPED',
    category,
    severity: 'info',
    from: 'ci',
    title: 'Tests that never run',
    timeoutMs: 60_000,
    lane: 'cheap',
    run: skipped,
  },
  {
    id: 'TST_COLLECT',
    category,
    severity: 'fatal',
    from: 'ci',
    title: 'All tests load',
    // A runner may have to compile first.
    timeoutMs: 120_000,
    lane: 'process',
    run: collect,
  },
  {
    id: 'TST_CHANGED_WITHOUT_TEST',
    category,
    severity: 'info',
    from: 'ci',
    title: 'What was changed, was changed with a test',
    timeoutMs: 60_000,
    lane: 'cheap',
    run: changedWithoutTest,
  },
  {
    id: 'TST_RESULTS_FRESH',
    category,
    severity: 'info',
    from: 'enterprise',
    title: 'Results of tests are green and newer than the sources',
    timeoutMs: 60_000,
    lane: 'cheap',
    run: resultsFresh,
  },
  {
    id: 'TST_RUN',
    category,
    severity: 'fatal',
    from: 'enterprise',
    title: 'All tests pass',
    timeoutMs: 900_000,
    lane: 'process',
    dependsOn: ['TST_COLLECT'],
    run: runAll,
  },
  {
    id: 'TST_ASSERTIONLESS',
    category,
    severity: 'info',
    from: 'enterprise',
    title: 'Each test asserts something',
    timeoutMs: 60_000,
    lane: 'cheap',
    run: assertionless,
  },
];
