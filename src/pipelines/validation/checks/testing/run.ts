/** Checks that all tests pass, using the test runners of the workspace. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Check,
  type CheckContext,
  type CheckOutcome,
  fail,
  type ProgramResult,
  pass,
  skip,
} from '../../check/check.ts';
import { field } from '../../repository/manifest-formats.ts';
import { combineOutcomes } from './combine-outcomes.ts';
import { isIn, joinPath, type TestProject } from './runners/test-projects.ts';
import { findLocations, startRunner, type TestRun, type TestRunner } from './runners/test-runner.ts';
import { type DetectedRunner, detectRunners } from './runners/test-runners.ts';

export const run: Check = {
  id: 'TST_RUN',
  category: 'tests',
  severity: 'fatal',
  minProfile: 'enterprise',
  title: 'All tests pass',
  timeoutMs: 900_000,
  lane: 'process',
  dependsOn: ['TST_COLLECT'],
  run: runAllTests,
};

async function runAllTests(context: CheckContext): Promise<CheckOutcome> {
  const { detected } = await detectRunners(context);
  const outcomes: CheckOutcome[] = [];
  for (const { runner, project } of outermost(detected)) outcomes.push(await runTests(runner, project, context));
  return combineOutcomes(outcomes);
}

/** Languages in which the command of a project also runs the tests of the projects in its subfolders. */
const recursiveStacks = ['node', 'rust'];

/** Drops projects whose tests are already run by a project around them. */
function outermost(detected: readonly DetectedRunner[]): DetectedRunner[] {
  return detected.filter(
    ({ project: inner }) =>
      !recursiveStacks.includes(inner.stack) ||
      !detected.some(
        ({ project: outer }) =>
          outer.stack === inner.stack && outer.folder !== inner.folder && isIn(inner.folder, outer.folder),
      ),
  );
}

async function runTests(runner: TestRunner, project: TestProject, context: CheckContext): Promise<CheckOutcome> {
  if (await hasMissingDependencies(project, context)) {
    const where = project.folder && ` in ${project.folder}`;
    return skip('tool_missing', `The dependencies${where} are not installed. Install them and validate again.`);
  }
  const planned = await runner.command(project, context);
  const first = await startRunner(runner, planned, project, context);
  const run = isRed(first) ? await confirm(first, runner, project, context) : first;
  if ('status' in run) return run;
  const { command, result, output } = run;
  const evidence = [{ kind: 'command_output' as const, content: output }];
  const name = `${runner.id}${project.folder && ` in ${project.folder}`}`;
  const totals = findTotals(result);
  if (result.code === 0) return pass(`${name}: all tests pass${totals && ` (${totals})`}.`, { evidence });
  const locations = await findLocations(result, project, context);
  return fail(`${name}: tests fail (exit code ${result.code}${totals && `; ${totals}`}).`, {
    evidence,
    findings: locations.map((location) => ({ ...location, message: 'Appears in the output of failing tests.' })),
    remediation: [
      {
        priority: 'critical',
        title: 'Fix the failing tests',
        steps: ['Run the command in the workspace and start with the first failure.'],
        command: [command.program, ...command.args],
      },
    ],
  });
}

const isRed = (run: TestRun | CheckOutcome): run is TestRun => 'result' in run && run.result.code !== 0;

/** Runs failed tests again without the variables that were set for them, because those may be the cause. */
async function confirm(
  run: TestRun,
  runner: TestRunner,
  project: TestProject,
  context: CheckContext,
): Promise<TestRun | CheckOutcome> {
  const { env, ...command } = run.command;
  const areOurs = env !== undefined && Object.entries(env).some(([name, value]) => process.env[name] !== value);
  return areOurs ? startRunner(runner, command, project, context) : run;
}

/** Returns whether a Node project has dependencies of which none are installed. */
async function hasMissingDependencies(
  { stack, folder, manifest }: TestProject,
  context: CheckContext,
): Promise<boolean> {
  if (stack !== 'node' || !manifest) return false;
  const { repository } = context;
  const content = await repository.json(manifest);
  const hasDependencies = ['dependencies', 'devDependencies'].some(
    (key) => Object.keys(field(content, key) ?? {}).length > 0,
  );
  const folders = [folder, ''].map((parent) => join(repository.root, joinPath(parent, 'node_modules')));
  const isInstalled = folders.some((path) => existsSync(path)) || existsSync(join(repository.root, '.pnp.cjs'));
  return hasDependencies && !isInstalled;
}

/** Patterns of the totals in the output of mocha, node:test, vitest, jest, pytest, unittest, cargo and ava. */
const totalPatterns: readonly RegExp[] = [
  /^\s*(\d+ (?:passing|failing|pending))\b/gm,
  /^(?:#|ℹ) ((?:pass|fail|skipped) \d+)$/gm,
  /^\s*Tests:?\s+(\d.*)$/gm,
  /^=* ?((?:\d+ (?:passed|failed|skipped|errors?|xfailed|xpassed|deselected|warnings?)(?:, )?)+) in [\d.]+s/gm,
  /^(Ran \d+ tests?) in /gm,
  /^test result: \w+\. (\d+ passed; \d+ failed)/gm,
  /^\s*(\d+ tests? (?:passed|failed))$/gm,
];

/** Returns the totals in the output of a runner as one text; empty if there are none. */
function findTotals({ stdout, stderr }: ProgramResult): string {
  const text = `${stdout}\n${stderr}`;
  const totals = totalPatterns.map((pattern) =>
    [...text.matchAll(pattern)].map(([, total]) => (total as string).trim()),
  );
  return (totals.find((matches) => matches.length > 0) ?? []).slice(-4).join(', ');
}
