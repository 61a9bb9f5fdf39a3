/** Checks that a known test runner is configured for all tests. */
import { plural } from '../../../../protocol/plural.ts';
import { type Check, type CheckContext, type CheckOutcome, fail, pass, skip } from '../../check/check.ts';
import { findingsOf } from '../../check/findings.ts';
import { detectRunners } from './runners/test-runners.ts';

export const testConfig: Check = {
  id: 'TST_CONFIG',
  category: 'tests',
  severity: 'warning',
  minProfile: 'dev',
  title: 'A test runner is configured',
  timeoutMs: 60_000,
  lane: 'cheap',
  run: checkTestConfig,
};

async function checkTestConfig(context: CheckContext): Promise<CheckOutcome> {
  const { detected, undetected } = await detectRunners(context);
  if (detected.length + undetected.length === 0) return skip('not_applicable', 'No tests found.');
  if (undetected.length === 0) {
    const reasons = new Map(detected.map(({ runner, reason }) => [runner.id, reason]));
    return pass(`Tests run with ${[...reasons].map(([id, reason]) => `${id} (${reason})`).join(', ')}.`);
  }
  const files = undetected.flatMap(({ tests }) => tests);
  return fail(`No known test runner for ${plural(files.length, 'test file')}.`, {
    findings: findingsOf(undetected, ({ manifest, tests }) => ({
      file: manifest || (tests[0] as string),
      message: `No known test runner for ${plural(tests.length, 'test file')}.`,
    })),
    remediation: [
      {
        priority: 'high',
        title: 'Configure a test runner',
        steps: ['Add a script "test" to package.json, or a manifest such as pyproject.toml, Cargo.toml or go.mod.'],
      },
    ],
  });
}
