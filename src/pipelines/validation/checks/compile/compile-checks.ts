/** Checks of the build category, in the order of the report. */
import type { Check } from '../../check/check.ts';
import { cycles } from './imports/cycles.ts';
import { imports } from './imports/imports.ts';
import { undeclared } from './imports/undeclared.ts';
import { depsInstalled } from './lockfile/deps-installed.ts';
import { lockFresh } from './lockfile/lock-fresh.ts';
import { lockPresent } from './lockfile/lock-present.ts';
import { syntax } from './syntax/syntax.ts';
import { format } from './tools/format.ts';
import { lint } from './tools/lint.ts';
import { typecheck } from './tools/typecheck.ts';

export const compileChecks: readonly Check[] = [
  lockPresent,
  lockFresh,
  depsInstalled,
  typecheck,
  syntax,
  lint,
  format,
  imports,
  undeclared,
  cycles,
];
