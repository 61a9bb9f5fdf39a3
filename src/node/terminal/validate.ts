/** `pipescope run validation`: runs the checks of a profile and prints a table or JSON. The exit code is the verdict. */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as format from '../../core/format.ts';
import { HumanError } from '../../core/human-error.ts';
import { formatJsonLine } from '../../protocol/escape/json-line.ts';
import { joinTerminalLines } from '../../protocol/escape/terminal-lines.ts';
import { describeCoverage } from '../../protocol/validation/describe-coverage.ts';
import { type CheckResult, isValidation, type Validation } from '../../protocol/validation/validation.ts';
import { readJsonFile } from '../storage/read-json-file.ts';
import { exitCodes, type Invocation, type Options, UsageError } from './invocation.ts';
import { runBuiltIn } from './run-built-in.ts';
import type { SelectedPipeline } from './select-pipeline.ts';

/** Larger results are not read; no validation writes one. */
const maxReportBytes = 256e6;

const exitCodesByVerdict = {
  ready: exitCodes.ok,
  not_ready: exitCodes.failed,
  incomplete: exitCodes.incomplete,
} as const;
const verdictLabels = { ready: 'Ready', not_ready: 'Not ready', incomplete: 'Incomplete' } as const;

export async function validate(invocation: Invocation, selected: SelectedPipeline): Promise<number> {
  const { options, stdout } = invocation;
  const temporaryFile = join(selected.data, 'validation', `result-${randomUUID()}.json`);
  const file = options.result === undefined ? temporaryFile : resolve(options.result);
  try {
    const { run } = await runBuiltIn(invocation, selected, { result: file, args: pipelineArguments(options) });
    if (run.exitCode === selected.pipeline.refusal)
      throw new UsageError(run.message ?? 'Could not validate the workspace.');
    // A stopped run has no result.
    if (run.result === 'cancellation') return exitCodes.incomplete;
    if (run.result !== 'success') return exitCodes.failed;
    const validation = readValidation(file);
    stdout.write(options.json ? formatJsonLine(validation) : joinTerminalLines(formatTable(validation, options.out)));
    return exitCodesByVerdict[validation.verdict];
  } finally {
    rmSync(temporaryFile, { force: true });
  }
}

/** Passes the options on unparsed: the pipeline validates them. */
function pipelineArguments({ profile, parallel, budget, base, out }: Options): readonly string[] {
  const options = { profile, parallel, budget, base, ...(out === undefined ? {} : { out: resolve(out) }) };
  return Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]));
}

function readValidation(file: string): Validation {
  const value = readJsonFile(file, { maxBytes: maxReportBytes });
  if (isValidation(value)) return value;
  throw new HumanError(`${file} is not a validation result. Run the validation again.`);
}

function formatTable(validation: Validation, out: string | undefined): readonly string[] {
  const { verdict, score, minScore, evaluated, categoriesTotal, checks, durationNs, profile, reasons } = validation;
  const width = Math.max(...checks.map(({ id }) => id.length), 0);
  const completed = checks.filter(({ status }) => status !== 'skip').length;
  return [
    ...checks.map((check) => formatRow(check, width)),
    '',
    ...reasons.map((reason) => `- ${reason}`),
    `${verdictLabels[verdict]}: score ${score} of 100 (at least ${minScore}), ${evaluated} of ${categoriesTotal} categories evaluated.`,
    `Profile ${profile}: ${completed} of ${checks.length} checks completed in ${format.duration(durationNs)}.`,
    ...(validation.coverage ? [`Files: ${describeCoverage(validation.coverage)}`] : []),
    ...(out === undefined ? [] : [`Bundle: ${resolve(out)}`]),
  ];
}

function formatRow(check: CheckResult, width: number): string {
  const { id, status, skipReason, message, durationNs, stopped, findings } = check;
  const time = durationNs === 0 ? '' : `${stopped ? '≥ ' : ''}${format.duration(durationNs)}`;
  const reason = skipReason === undefined ? '' : `(${skipReason.replaceAll('_', ' ')}) `;
  const [first] = findings;
  const place = first ? ` · ${first.file}${first.line === undefined ? '' : `:${first.line}`}` : '';
  const more = findings.length > 1 ? ` and ${findings.length - 1} more` : '';
  return `${status.padEnd(5)} ${id.padEnd(width)} ${time.padStart(8)}  ${reason}${message}${place}${more}`;
}
