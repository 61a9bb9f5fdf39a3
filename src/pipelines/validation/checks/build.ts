/** The rows of the build category. */
import type { Check } from '../check.ts';

export const buildChecks: readonly Check[] = [];
