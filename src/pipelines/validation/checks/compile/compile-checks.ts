/** The rows of the build category. */
import type { Check } from '../../check/check.ts';
import { cycleChecks } from './imports/cycles.ts';
import { importChecks } from './imports/imports.ts';
import { undeclaredChecks } from './imports/undeclared.ts';
import { installationChecks } from './lockfile/deps-installed.ts';
import { freshnessChecks } from './lockfile/lock-fresh.ts';
import { presenceChecks } from './lockfile/lock-present.ts';
import { syntaxChecks } from './syntax/syntax.ts';
import { styleChecks } from './tools/lint.ts';
import { typeChecks } from './tools/typecheck.ts';

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
