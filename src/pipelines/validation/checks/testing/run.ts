/** Loads all tests, and runs all tests, with the workspace's own runners. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Context, fault, type Outcome, pass, type Ran, skip } from '../../check/check.ts';
import { field } from '../../repository/manifest-formats.ts';
import { inFolder, isIn, type Project } from './runners/test-projects.ts';
import { collected, notInstalled, placesIn, type Runner, start } from './runners/test-runner.ts';
import { type Used, usageOf } from './runners/test-runners.ts';

const none = skip('not_applicable', 'There is no test that a known runner runs.');

export async function collect(context: Context): Promise<Outcome> {
  const { used } = await usageOf(context);
  const outcomes: Outcome[] = [];
  for (const { runner, project } of used) outcomes.push(await collected(runner, project, context));
  return joined(outcomes);
}

export async function runAll(context: Context): Promise<Outcome> {
  const { used } = await usageOf(context);
  const outcomes: Outcome[] = [];
  for (const { runner, project } of outermost(used)) outcomes.push(await ranAll(runner, project, context));
  return joined(outcomes);
}

/** A project's script or command runs the tests of its members too; modules of Go and Python's projects stand alone. */
function outermost(used: readonly Used[]): Used[] {
  const whole = ['node', 'rust'];
  return used.filter(
    ({ project }) =>
      !whole.includes(project.stack) ||
      !used.some(({ project: { stack, folder } }) => {
        return stack === project.stack && folder !== project.folder && isIn(project.folder, folder);
      }),
  );
}

/** The worst counts; what could not be looked at is said beside it. */
function joined(outcomes: readonly Outcome[]): Outcome {
  const [first] = outcomes;
  if (!first) return none;
  const worst = (['fail', 'pass', 'skip'] as const).find((status) => outcomes.some((one) => one.status === status));
  const some = <T>(of: (outcome: Outcome) => readonly T[] | undefined): T[] => outcomes.flatMap((one) => of(one) ?? []);
  return {
    status: worst ?? 'skip',
    ...(worst === 'skip' && first.skipReason ? { skipReason: first.skipReason } : {}),
    message: [...new Set(outcomes.map(({ message }) => message))].join(' '),
    findings: some((one) => one.findings),
    evidence: some((one) => one.evidence),
    remediation: some((one) => one.remediation),
  };
}

async function ranAll(runner: Runner, project: Project, context: Context): Promise<Outcome> {
  if (await needsInstall(project, context)) return notInstalled('What the tests need', project);
  const started = await start(runner, await runner.command(project, context), project, context);
  if ('status' in started) return started;
  const { command, ran, output } = started;
  const evidence = [{ kind: 'command_output' as const, content: output }];
  const where = project.folder && ` in ${project.folder}`;
  const totals = totalsOf(ran);
  if (ran.code === 0) return pass(`${runner.id}${where}: all tests pass${totals && ` (${totals})`}.`, { evidence });
  const places = await placesIn(ran, project, context);
  return fault(`${runner.id}${where}: tests fail (exit code ${ran.code}${totals && `; ${totals}`}).`, {
    evidence,
    findings: places.map((place) => ({ ...place, message: 'Named in the output of failing tests.' })),
    remediation: [
      {
        priority: 'critical',
        title: 'Mend the failing tests',
        steps: ['Run the command in the workspace, and begin with the first failure.'],
        command: [command.program, ...command.args],
      },
    ],
  });
}

/** A Node project that depends on packages, of which none is installed. */
async function needsInstall({ stack, folder, manifest }: Project, { repository }: Context): Promise<boolean> {
  if (stack !== 'node' || !manifest) return false;
  const content = await repository.json(manifest);
  const depends = ['dependencies', 'devDependencies'].some((key) => Object.keys(field(content, key) ?? {}).length > 0);
  const places = [folder, ''].map((place) => join(repository.root, inFolder(place, 'node_modules')));
  return depends && !places.some((place) => existsSync(place)) && !existsSync(join(repository.root, '.pnp.cjs'));
}

/** How runners put their totals: mocha, node:test, vitest, jest, pytest, unittest, cargo, ava. */
const totals: readonly RegExp[] = [
  /^\s*(\d+ (?:passing|failing|pending))\b/gm,
  /^(?:#|ℹ) ((?:pass|fail|skipped) \d+)$/gm,
  /^\s*Tests:?\s+(\d.*)$/gm,
  /^=* ?((?:\d+ (?:passed|failed|skipped|errors?|xfailed|xpassed|deselected|warnings?)(?:, )?)+) in [\d.]+s/gm,
  /^(Ran \d+ tests?) in /gm,
  /^test result: \w+\. (\d+ passed; \d+ failed)/gm,
  /^\s*(\d+ tests? (?:passed|failed))$/gm,
];

function totalsOf({ stdout, stderr }: Ran): string {
  const text = `${stdout}\n${stderr}`;
  const found = totals.map((pattern) => [...text.matchAll(pattern)].map(([, words]) => (words as string).trim()));
  return (found.find((words) => words.length > 0) ?? []).slice(-4).join(', ');
}
