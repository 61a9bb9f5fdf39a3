/** All built-in checks, in the order of the report. */
import type { Check } from '../check/check.ts';
import { compileChecks } from './compile/compile-checks.ts';
import { generationChecks } from './generation/generation-checks.ts';
import { safetyChecks } from './safety/safety-checks.ts';
import { testsChecks } from './testing/testing-checks.ts';
import { workspaceChecks } from './workspace/workspace-checks.ts';

export const checks: readonly Check[] = [
  ...workspaceChecks,
  ...compileChecks,
  ...testsChecks,
  ...generationChecks,
  ...safetyChecks,
];
