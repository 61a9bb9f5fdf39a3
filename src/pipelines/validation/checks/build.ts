/** The rows of the build category. */
import type { Check } from '../check.ts';
import { cycleChecks } from './build/cycles.ts';
import { freshnessChecks } from './build/fresh.ts';
import { importChecks } from './build/imports.ts';
import { presenceChecks } from './build/present.ts';
import { undeclaredChecks } from './build/undeclared.ts';

export const buildChecks: readonly Check[] = [
  ...presenceChecks,
  ...freshnessChecks,
  ...importChecks,
  ...undeclaredChecks,
  ...cycleChecks,
];
