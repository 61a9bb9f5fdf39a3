/** Checks of the tests category, in report order. */
import type { Check } from '../../check/check.ts';
import { assertionless } from './assertionless.ts';
import { changedWithoutTest } from './changed-without-test.ts';
import { collect } from './collect.ts';
import { focused } from './focused.ts';
import { present } from './present.ts';
import { resultsFresh } from './results-fresh.ts';
import { run } from './run.ts';
import { skipped } from './skipped.ts';
import { testConfig } from './test-config.ts';

export const testsChecks: readonly Check[] = [
  present,
  testConfig,
  focused,
  skipped,
  collect,
  changedWithoutTest,
  resultsFresh,
  run,
  assertionless,
];
