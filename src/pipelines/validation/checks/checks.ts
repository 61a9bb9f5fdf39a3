/** All built-in checks, in the order of the report. */
import type { Check } from '../check/check.ts';
import { compileChecks } from './compile/compile-checks.ts';
import { deploymentChecks } from './deployment/deployment-checks.ts';
import { generationChecks } from './generation/generation-checks.ts';
import { intentChecks } from './intent/intent-checks.ts';
import { registryChecks } from './registry/registry-checks.ts';
import { safetyChecks } from './safety/safety-checks.ts';
import { testsChecks } from './testing/testing-checks.ts';
import { workspaceChecks } from './workspace/workspace-checks.ts';

export const checks: readonly Check[] = [
  ...workspaceChecks,
  ...intentChecks,
  ...registryChecks,
  ...compileChecks,
  ...testsChecks,
  ...generationChecks,
  ...safetyChecks,
  ...deploymentChecks,
];
