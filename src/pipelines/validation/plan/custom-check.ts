/** Builds custom checks from `pipescope.json`: a program judged by its exit code, or a built-in check under another id. */
import { isAbsolute, join, relative, sep } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { defined } from '../../../protocol/defined.ts';
import { plural } from '../../../protocol/plural.ts';
import type { CustomCheck } from '../../../protocol/validation/custom-validation.ts';
import type { Finding } from '../../../protocol/validation/validation.ts';
import {
  type Check,
  type CheckContext,
  type CheckOutcome,
  fail,
  type ProgramResult,
  pass,
  skip,
} from '../check/check.ts';
import { ConfigurationError } from './configuration-error.ts';

const defaultTimeoutMs = 60_000;
/** Maximum length of a line to match; a custom expression could take very long on a longer one. */
const maxLineLength = 2000;
const maxFindings = 1000;

/** Creates the check of a row. It belongs to every built-in profile. Throws a ConfigurationError if the row is invalid. */
export function createCustomCheck(row: CustomCheck, builtIn: readonly Check[]): Check {
  if ((row.command === undefined) === (row.builtin === undefined)) {
    throw new ConfigurationError(`Check ${row.id} must have either "command" or "builtin".`);
  }
  const base = row.builtin === undefined ? createProgramCheck(row) : findBuiltIn(row, builtIn);
  return {
    ...base,
    id: row.id,
    minProfile: 'dev',
    ...defined({ category: row.category, severity: row.severity, timeoutMs: row.timeoutMs, dependsOn: row.dependsOn }),
  };
}

function findBuiltIn({ id, builtin }: CustomCheck, builtIn: readonly Check[]): Check {
  const check = builtIn.find((candidate) => candidate.id === builtin);
  if (!check)
    throw new ConfigurationError(`Check ${id} refers to the built-in check ${builtin}, which does not exist.`);
  // A spread alone would lose `this` of a method.
  return { ...check, run: (context) => check.run(context) };
}

function createProgramCheck(row: CustomCheck): Check {
  const { id, command = '', args = [], cwd = '.' } = row;
  const pattern = row.parse === undefined ? undefined : compilePattern(id, row.parse);
  const argv = [command, ...args];
  return {
    id,
    category: 'own',
    severity: 'fatal',
    minProfile: 'dev',
    title: argv.join(' '),
    timeoutMs: defaultTimeoutMs,
    lane: 'process',
    async run(context: CheckContext): Promise<CheckOutcome> {
      const printed = await context.run(await resolveProgram(command, cwd, context), args, { cwd });
      const result = printed && withoutColors(printed);
      if (!result) return skip('tool_missing', `Program not found: ${command}.`);
      return outcomeOf(argv, result, pattern ? findingsIn(result, pattern, context.repository.root, cwd) : []);
    },
  };
}

/** The program runs in the environment of the developer, who may force colors. Expressions match the plain text. */
function withoutColors(result: ProgramResult): ProgramResult {
  const { stdout, stderr } = result;
  return { ...result, stdout: stripVTControlCharacters(stdout), stderr: stripVTControlCharacters(stderr) };
}

/** Resolves a path against `cwd`. A bare name is a tool of the workspace, or else a program on the PATH. */
async function resolveProgram(command: string, cwd: string, { repository }: CheckContext): Promise<string> {
  if (isAbsolute(command)) return command;
  if (/[\\/]/.test(command)) return join(repository.root, cwd, command);
  return (await repository.tool(command)) ?? command;
}

function outcomeOf(argv: readonly string[], result: ProgramResult, findings: readonly Finding[]): CheckOutcome {
  const output = `${result.stdout}${result.stderr}`;
  const evidence = output === '' ? [] : [{ kind: 'command_output' as const, content: output }];
  const count = findings.length > 0 ? `, with ${plural(findings.length, 'finding')}` : '';
  const message = `${argv[0]} exited with code ${result.code}${count}.`;
  if (result.code === 0) return pass(message, { evidence, findings });
  const steps = ['Run the command in the workspace, fix what it reports, and validate again.'];
  const remediation = [{ priority: 'high' as const, title: `Fix what ${argv[0]} reports`, steps, command: argv }];
  return fail(message, { evidence, findings, remediation });
}

function compilePattern(id: string, parse: string): RegExp {
  try {
    const pattern = new RegExp(parse);
    if (parse.includes('(?<file>')) return pattern;
  } catch (error) {
    throw new ConfigurationError(
      `"parse" of check ${id} is not a valid regular expression: ${(error as Error).message}.`,
    );
  }
  throw new ConfigurationError(`"parse" of check ${id} must contain the group (?<file>…), which finds the file name.`);
}

/** Parses the findings in a program's output, without those in files outside the workspace. */
function findingsIn({ stdout, stderr }: ProgramResult, pattern: RegExp, root: string, cwd: string): Finding[] {
  const lines = `${stdout}\n${stderr}`.split(/\r?\n/).map((line) => line.slice(0, maxLineLength));
  const findings = lines.flatMap((text) => {
    const { file, line, message } = pattern.exec(text)?.groups ?? {};
    if (!file) return [];
    const path = relative(root, isAbsolute(file) ? file : join(root, cwd, file));
    if (path === '' || path.startsWith('..') || isAbsolute(path)) return [];
    const lineNumber = Number(line);
    return [
      {
        file: path.split(sep).join('/'),
        ...(Number.isInteger(lineNumber) && lineNumber > 0 ? { line: lineNumber } : {}),
        message: message?.trim() || text.trim(),
      },
    ];
  });
  return findings.slice(0, maxFindings);
}
