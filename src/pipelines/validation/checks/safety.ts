/** The rows of the safety category. */
import type { Check } from '../check.ts';

export const safetyChecks: readonly Check[] = [];
