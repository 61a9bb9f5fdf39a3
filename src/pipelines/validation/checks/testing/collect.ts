/** Checks that all tests can be loaded, without running them. */
import type { Check, CheckContext, CheckOutcome } from '../../check/check.ts';
import { combineOutcomes } from './combine-outcomes.ts';
import { collectTests } from './runners/collect-tests.ts';
import { detectRunners } from './runners/test-runners.ts';

export const collect: Check = {
  id: 'TST_COLLECT',
  category: 'tests',
  severity: 'fatal',
  minProfile: 'ci',
  title: 'All tests load',
  // Some runners compile the tests first.
  timeoutMs: 120_000,
  lane: 'process',
  run: checkCollect,
};

async function checkCollect(context: CheckContext): Promise<CheckOutcome> {
  const { detected } = await detectRunners(context);
  const outcomes: CheckOutcome[] = [];
  for (const { runner, project } of detected) outcomes.push(await collectTests(runner, project, context));
  return combineOutcomes(outcomes);
}
