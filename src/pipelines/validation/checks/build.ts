/** The rows of the build category. */
import type { Check } from '../check.ts';
import { cycleChecks } from './build/cycles.ts';
import { importChecks } from './build/imports.ts';
import { undeclaredChecks } from './build/undeclared.ts';

export const buildChecks: readonly Check[] = [...importChecks, ...undeclaredChecks, ...cycleChecks];
