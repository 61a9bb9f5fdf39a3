/** The rows of the tests category. */
import type { Check } from '../check.ts';
import { assertionless } from './tests/assertions.ts';
import { focused, skipped } from './tests/marks.ts';

const category = 'tests';

export const testsChecks: readonly Check[] = [
  {
    id: 'TST_FOCUSED',
    category,
    severity: 'fatal',
    from: 'dev',
    title: 'No test is marked to run alone',
    timeoutMs: 3000,
    lane: 'cheap',
    run: focused,
  },
  {
    id: 'TST_SKIPPED',
    category,
    severity: 'info',
    from: 'ci',
    title: 'Tests that never run',
    timeoutMs: 3000,
    lane: 'cheap',
    run: skipped,
  },
  {
    id: 'TST_ASSERTIONLESS',
    category,
    severity: 'info',
    from: 'enterprise',
    title: 'Tests that assert nothing',
    timeoutMs: 4000,
    lane: 'cheap',
    run: assertionless,
  },
];
