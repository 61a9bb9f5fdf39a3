/** What runs tests: how it is known that a project uses it, how it lists its tests, and how it runs them. */
import { stripVTControlCharacters } from 'node:util';
import { defined } from '../../../../../protocol/defined.ts';
import { type Context, fault, type Outcome, pass, type Ran, skip } from '../../../check/check.ts';
import { counted } from '../../../check/findings.ts';
import type { StackId } from '../../../repository/repository.ts';
import { inFolder, type Project } from './test-projects.ts';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Why nothing can be said, by what it printed: what the tests need is not installed. */
  absent?(output: string): string | undefined | Promise<string | undefined>;
}

export interface Runner {
  readonly id: string;
  readonly stack: StackId;
  /** Why it is thought that the project uses it, such as the name of its configuration; nothing where it does not. */
  reason(project: Project, context: Context): Promise<string | undefined>;
  /** Loads all tests and runs none; not there where the runner cannot. Says why where it cannot here. */
  collect?(project: Project, context: Context): Promise<Collection | Outcome>;
  /** Runs all tests of the project, or says why it cannot. */
  command(project: Project, context: Context): Promise<Command | Outcome>;
}

/** How tests are collected: the command, and what its output says. */
export interface Collection extends Command {
  /** How many were found: `nouns` of the runner, such as `test files`. */
  count(ran: Ran): number | undefined;
  readonly noun?: string;
}

/** No colours, no watching, nothing left in the workspace. */
const quiet = { CI: '1', NO_COLOR: '1', PYTHONDONTWRITEBYTECODE: '1' };
const keptBytes = 4_000_000;
/** Of the end of an output, what a person has to read. */
const shownChars = 4000;

/** Nothing could be started, or its tests cannot be looked at here: an outcome that says so. */
export async function start(
  runner: Runner,
  command: Command | Outcome,
  project: Project,
  { run }: Context,
): Promise<{ command: Command; ran: Ran; output: string } | Outcome> {
  if ('status' in command) return command;
  const ran = await run(command.program, command.args, {
    cwd: project.folder || '.',
    env: { ...quiet, ...command.env },
    maxBytes: keptBytes,
    ...defined({ input: command.input }),
  });
  // What a shell says where there is no such program.
  if (!ran || ran.code === 127) return notInstalled(runner.id, project);
  const [stdout, stderr] = [ran.stdout, ran.stderr].map((text) => stripVTControlCharacters(text)) as [string, string];
  const absent = ran.code === 0 ? undefined : await command.absent?.(`${stdout}\n${stderr}`);
  if (absent) return skip('tool_missing', absent);
  return { command, ran: { ...ran, stdout, stderr }, output: outputOf(stdout, stderr) };
}

function outputOf(...texts: readonly string[]): string {
  const parts = texts.map((text) => text.trim().slice(-shownChars));
  return parts.filter((text) => text !== '').join('\n');
}

export const notInstalled = (what: string, { folder }: Project): Outcome =>
  skip(
    'tool_missing',
    `${what} is not installed${folder && ` for ${folder}`}: install it to have its tests looked at.`,
  );

/** Loads the tests of a project and says how many there are, or why they cannot be loaded. */
export async function collected(runner: Runner, project: Project, context: Context): Promise<Outcome> {
  const how = await runner.collect?.(project, context);
  if (!how) return skip('not_applicable', `${runner.id} cannot list its tests without running them.`);
  if ('status' in how) return how;
  const started = await start(runner, how, project, context);
  if ('status' in started) return started;
  const { ran, output } = started;
  const evidence = [{ kind: 'command_output' as const, content: output }];
  const number = how.count(ran);
  if (ran.code === 0 && number !== 0) {
    const what = number === undefined ? 'its tests' : counted(number, how.noun ?? 'test');
    return pass(`${runner.id} loads ${what}.`, { evidence });
  }
  const message =
    ran.code === 0 ? `${runner.id} finds no test` : `${runner.id} cannot load the tests (exit code ${ran.code})`;
  const places = await placesIn(ran, project, context);
  return fault(`${message}${project.folder && ` in ${project.folder}`}.`, {
    evidence,
    findings: places.map((place) => ({ ...place, message: `${runner.id} stops here while it loads the tests.` })),
    remediation: [
      {
        priority: 'critical',
        title: 'Let the tests load',
        steps: ['Run the command in the workspace, and mend what it says first.'],
        command: [how.program, ...how.args],
      },
    ],
  });
}

const place = /(?:\.\/)?((?:[\w@.-]+\/)*[\w.-]+\.(?:[cm]?[jt]sx?|py|rs|go))(?::|", line |\()(\d+)/g;
const mostPlaces = 20;

/** Files of the workspace that an output names with a line, tests before what they test. */
export async function placesIn(
  { stdout, stderr }: Ran,
  project: Project,
  { repository }: Context,
): Promise<{ file: string; line: number }[]> {
  const output = `${stdout}\n${stderr}`.replaceAll(`${repository.root}/`, '');
  const files = new Set(await repository.files());
  const found = new Map<string, { file: string; line: number }>();
  for (const [, path = '', line] of output.matchAll(place)) {
    const file = [path, inFolder(project.folder, path)].find((name) => files.has(name));
    if (file && !found.has(file)) found.set(file, { file, line: Number(line) });
  }
  const places = [...found.values()];
  const others = places.filter(({ file }) => !repository.isTest(file));
  return [...places.filter(({ file }) => repository.isTest(file)), ...others].slice(0, mostPlaces);
}
