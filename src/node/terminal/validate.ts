/** `pipescope run validation`: the checks of a profile, as a table or as JSON, with the verdict as exit code. */
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as format from '../../core/format.ts';
import { HumanError } from '../../core/human-error.ts';
import { type CheckResult, isValidation, type Validation } from '../../protocol/validation.ts';
import { exitCodes, type Invocation, type Options, type subjectOf, UsageError } from './invocation.ts';
import { runBuiltIn } from './run-built-in.ts';

const codes = { ready: exitCodes.ok, not_ready: exitCodes.failed, incomplete: exitCodes.incomplete } as const;
const verdicts = { ready: 'Ready', not_ready: 'Not ready', incomplete: 'Incomplete' } as const;

export async function validate(invocation: Invocation, subject: ReturnType<typeof subjectOf>): Promise<number> {
  const { options, stdout } = invocation;
  const own = join(subject.data, 'validation', `result-${randomUUID()}.json`);
  const file = options.result === undefined ? own : resolve(options.result);
  try {
    const { run } = await runBuiltIn(invocation, subject, { result: file, args: argumentsOf(options) });
    if (run.exitCode === subject.pipeline.refusal) throw new UsageError(run.message ?? 'That cannot be validated.');
    // Of a run that was stopped nothing is known.
    if (run.result === 'cancellation') return exitCodes.incomplete;
    if (run.result !== 'success') return exitCodes.failed;
    const validation = read(file);
    stdout.write(options.json ? `${JSON.stringify(validation)}\n` : tableOf(validation, options.out));
    return codes[validation.verdict];
  } finally {
    rmSync(own, { force: true });
  }
}

/** Handed on as they were typed: the pipeline says what is wrong with them. */
function argumentsOf({ profile, parallel, budget, base, out }: Options): readonly string[] {
  const given = { profile, parallel, budget, base, ...(out === undefined ? {} : { out: resolve(out) }) };
  return Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]));
}

function read(file: string): Validation {
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (isValidation(value)) return value;
  throw new HumanError(`${file} holds no validation. Run it again.`);
}

function tableOf(validation: Validation, out: string | undefined): string {
  const { verdict, score, minScore, evaluated, categoriesTotal, checks, durationNs, profile, reasons } = validation;
  const width = Math.max(...checks.map(({ id }) => id.length), 0);
  const made = checks.filter(({ status }) => status !== 'skip').length;
  const lines = [
    ...checks.map((check) => rowOf(check, width)),
    '',
    ...reasons.map((reason) => `- ${reason}`),
    `${verdicts[verdict]}: score ${score} of 100 (at least ${minScore}), ${evaluated} of ${categoriesTotal} categories evaluated.`,
    `Profile ${profile}: ${made} of ${checks.length} checks made in ${format.duration(durationNs)}.`,
    ...(out === undefined ? [] : [`Bundle: ${resolve(out)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function rowOf({ id, status, skipReason, message, durationNs, findings }: CheckResult, width: number): string {
  const time = durationNs === 0 ? '' : format.duration(durationNs);
  const why = skipReason === undefined ? '' : `(${skipReason.replaceAll('_', ' ')}) `;
  const [first] = findings;
  const place = first ? ` · ${first.file}${first.line === undefined ? '' : `:${first.line}`}` : '';
  const more = findings.length > 1 ? ` and ${findings.length - 1} more` : '';
  return `${status.padEnd(5)} ${id.padEnd(width)} ${time.padStart(8)}  ${why}${message}${place}${more}`;
}
