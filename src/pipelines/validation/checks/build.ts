/** The rows of the build category. */
import type { Check } from '../check.ts';
import { cycleChecks } from './build/cycles.ts';
import { freshnessChecks } from './build/fresh.ts';
import { importChecks } from './build/imports.ts';
import { installationChecks } from './build/installed.ts';
import { presenceChecks } from './build/present.ts';
import { styleChecks } from './build/style.ts';
import { syntaxChecks } from './build/syntax.ts';
import { typeChecks } from './build/types.ts';
import { undeclaredChecks } from './build/undeclared.ts';

export const buildChecks: readonly Check[] = [
  ...presenceChecks,
  ...freshnessChecks,
  ...installationChecks,
  ...typeChecks,
  ...syntaxChecks,
  ...styleChecks,
  ...importChecks,
  ...undeclaredChecks,
  ...cycleChecks,
];
