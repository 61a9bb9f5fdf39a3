/** Every built-in check, in the order of the report. */
import type { Check } from './check.ts';
import { buildChecks } from './checks/build.ts';
import { generationChecks } from './checks/generation.ts';
import { safetyChecks } from './checks/safety.ts';
import { testsChecks } from './checks/tests.ts';
import { workspaceChecks } from './checks/workspace.ts';

export const checks: readonly Check[] = [
  ...workspaceChecks,
  ...buildChecks,
  ...testsChecks,
  ...generationChecks,
  ...safetyChecks,
];
