/** The rows of the generation category. */
import type { Check } from '../check.ts';

export const generationChecks: readonly Check[] = [];
