/** Interface of test runners, and the function that starts them. */
import { stripVTControlCharacters } from 'node:util';
import { defined } from '../../../../../protocol/defined.ts';
import { type CheckContext, type CheckOutcome, type ProgramResult, skip } from '../../../check/check.ts';
import type { StackId } from '../../../repository/repository.ts';
import { joinPath, type TestProject } from './test-projects.ts';

export interface TestCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Returns a message if the output shows that a dependency of the tests is not installed, or undefined. */
  missingDependency?(output: string): string | undefined | Promise<string | undefined>;
}

export interface TestRunner {
  readonly id: string;
  readonly stack: StackId;
  /** Returns why the project seems to use the runner, such as a configuration file, or undefined if it does not. */
  reason(project: TestProject, context: CheckContext): Promise<string | undefined>;
  /** Creates the command that loads all tests without running them. Undefined if the runner has no such command. */
  collect?(project: TestProject, context: CheckContext): Promise<TestCollection | CheckOutcome>;
  /** Creates the command that runs all tests of the project, or returns an outcome that says why there is none. */
  command(project: TestProject, context: CheckContext): Promise<TestCommand | CheckOutcome>;
}

/** Command that loads all tests, and how to count them in its output. */
export interface TestCollection extends TestCommand {
  /** Returns how many items were found, or undefined if the output does not show it. */
  count(result: ProgramResult): number | undefined;
  /** Singular noun for the items (default `test`), such as `test file`. */
  readonly noun?: string;
}

const maxOutputBytes = 4_000_000;
/** Maximum number of characters of each output to show, from its end. */
const maxShownLength = 4000;
/** Exit code of a shell that cannot find a program. */
const commandNotFoundCode = 127;

export interface TestRun {
  readonly command: TestCommand;
  readonly result: ProgramResult;
  /** End of stdout and stderr, to be shown as evidence. */
  readonly output: string;
}

/** Starts a runner and waits for its exit. Returns an outcome if the runner or a dependency of the tests is missing. */
export async function startRunner(
  runner: TestRunner,
  command: TestCommand | CheckOutcome,
  project: TestProject,
  { run }: CheckContext,
): Promise<TestRun | CheckOutcome> {
  if ('status' in command) return command;
  const result = await run(command.program, command.args, {
    cwd: project.folder || '.',
    maxBytes: maxOutputBytes,
    ...defined({ input: command.input, env: command.env }),
  });
  if (!result || result.code === commandNotFoundCode)
    return notInstalled(
      /^(?:npm|pnpm|yarn|bun|deno)$/.test(command.program) && !result ? command.program : runner.id,
      project,
    );
  const stdout = stripVTControlCharacters(result.stdout);
  const stderr = stripVTControlCharacters(result.stderr);
  const missing = result.code === 0 ? undefined : await command.missingDependency?.(`${stdout}\n${stderr}`);
  if (missing) return skip('tool_missing', missing);
  return { command, result: { ...result, stdout, stderr }, output: shorten(stdout, stderr) };
}

function shorten(...outputs: readonly string[]): string {
  const ends = outputs.map((output) => output.trim().slice(-maxShownLength));
  return ends.filter((end) => end !== '').join('\n');
}

export const notInstalled = (name: string, { folder }: TestProject): CheckOutcome =>
  skip('tool_missing', `${name} is not installed${folder && ` in ${folder}`}. Install it and validate again.`);

const locationPattern = /(?:\.\/)?((?:[\w@.-]+\/)*[\w.-]+\.(?:[cm]?[jt]sx?|py|rs|go))(?::|", line |\()(\d+)/g;
const maxLocations = 20;

/** Finds the files of the workspace that an output mentions with a line number. Test files come first. */
export async function findLocations(
  { stdout, stderr }: ProgramResult,
  project: TestProject,
  { repository }: CheckContext,
): Promise<{ file: string; line: number }[]> {
  const output = `${stdout}\n${stderr}`.replaceAll(`${repository.root}/`, '');
  const files = await repository.fileSet();
  const locations = new Map<string, { file: string; line: number }>();
  for (const [, path = '', line] of output.matchAll(locationPattern)) {
    const file = [path, joinPath(project.folder, path)].find((name) => files.has(name));
    if (file && !locations.has(file)) locations.set(file, { file, line: Number(line) });
  }
  const inTests = [...locations.values()].filter(({ file }) => repository.isTest(file));
  const others = [...locations.values()].filter(({ file }) => !repository.isTest(file));
  return [...inTests, ...others].slice(0, maxLocations);
}
