/** The rows of the tests category. */
import type { Check } from '../check.ts';

export const testsChecks: readonly Check[] = [];
