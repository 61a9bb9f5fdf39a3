/** A user's own checks: a program whose exit code tells, or a built-in check under another name. */
import { isAbsolute, join, relative, sep } from 'node:path';
import type { CustomCheck } from '../../../protocol/custom-validation.ts';
import { defined } from '../../../protocol/defined.ts';
import type { Finding } from '../../../protocol/validation.ts';
import { type Check, type Context, fault, type Outcome, pass, type Ran, skip } from '../check/check.ts';
import { Misconfigured } from './config-error.ts';

const usualTimeoutMs = 60_000;
/** Of a line that is matched: an expression of anyone's may take long on more. */
const longestLine = 2000;
const mostMatches = 1000;

/** The check of a row, which belongs to every built-in profile. */
export function ownCheck(row: CustomCheck, builtIn: readonly Check[]): Check {
  if ((row.command === undefined) === (row.builtin === undefined)) {
    throw new Misconfigured(`The check ${row.id} wants either "command" or "builtin".`);
  }
  const made = row.builtin === undefined ? ofProgram(row) : ofBuiltIn(row, builtIn);
  return {
    ...made,
    id: row.id,
    from: 'dev',
    ...defined({ category: row.category, severity: row.severity, timeoutMs: row.timeoutMs, dependsOn: row.dependsOn }),
  };
}

function ofBuiltIn({ id, builtin }: CustomCheck, builtIn: readonly Check[]): Check {
  const found = builtIn.find((check) => check.id === builtin);
  if (!found) throw new Misconfigured(`The check ${id} names the built-in check ${builtin}, which does not exist.`);
  // As methods may use `this`, the row is asked itself.
  return { ...found, run: (context) => found.run(context) };
}

function ofProgram(row: CustomCheck): Check {
  const { id, command = '', args = [], cwd = '.' } = row;
  const parse = row.parse === undefined ? undefined : expressionOf(id, row.parse);
  const words = [command, ...args];
  return {
    id,
    category: 'own',
    severity: 'fatal',
    from: 'dev',
    title: words.join(' '),
    timeoutMs: usualTimeoutMs,
    lane: 'process',
    async run(context: Context): Promise<Outcome> {
      const found = /[\\/]/.test(command) ? join(context.repository.root, cwd, command) : undefined;
      const program = isAbsolute(command) ? command : (found ?? (await context.repository.tool(command)) ?? command);
      const ran = await context.run(program, args, { cwd });
      if (!ran) return skip('tool_missing', `There is no program ${command} here.`);
      return outcomeOf(words, ran, parse ? findingsIn(ran, parse, context.repository.root, cwd) : []);
    },
  };
}

function outcomeOf(words: readonly string[], ran: Ran, findings: readonly Finding[]): Outcome {
  const output = `${ran.stdout}${ran.stderr}`;
  const evidence = output === '' ? [] : [{ kind: 'command_output' as const, content: output }];
  const told = findings.length > 0 ? `, with ${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}` : '';
  const message = `${words[0]} ended with exit code ${ran.code}${told}.`;
  if (ran.code === 0) return pass(message, { evidence, findings });
  const steps = ['Run the command in the workspace, mend what it reports, and validate again.'];
  const remediation = [{ priority: 'high' as const, title: `Mend what ${words[0]} reports`, steps, command: words }];
  return fault(message, { evidence, findings, remediation });
}

function expressionOf(id: string, parse: string): RegExp {
  try {
    const expression = new RegExp(parse);
    if (parse.includes('(?<file>')) return expression;
  } catch (error) {
    throw new Misconfigured(`"parse" of the check ${id} is no regular expression: ${(error as Error).message}.`);
  }
  throw new Misconfigured(`"parse" of the check ${id} has no group (?<file>…), so nothing could be found in a file.`);
}

/** What lies outside the workspace is nobody's to mend here. */
function findingsIn({ stdout, stderr }: Ran, parse: RegExp, root: string, cwd: string): Finding[] {
  const lines = `${stdout}\n${stderr}`.split(/\r?\n/).map((line) => line.slice(0, longestLine));
  const found = lines.flatMap((text) => {
    const { file, line, message } = parse.exec(text)?.groups ?? {};
    if (!file) return [];
    const inside = relative(root, isAbsolute(file) ? file : join(root, cwd, file));
    if (inside === '' || inside.startsWith('..') || isAbsolute(inside)) return [];
    const at = Number(line);
    return [
      {
        file: inside.split(sep).join('/'),
        ...(Number.isInteger(at) && at > 0 ? { line: at } : {}),
        message: message?.trim() || text.trim(),
      },
    ];
  });
  return found.slice(0, mostMatches);
}
