/** `pipescope bench`: benchmarks a pipeline or a command and optionally compares it with a reference. */
import { appendFileSync } from 'node:fs';
import { verdicts } from '../../core/benchmark/judge-change.ts';
import { type BenchFormat, benchFormats } from '../../core/export/bench-formats.ts';
import { formatJobSummary } from '../../core/export/github.ts';
import * as format from '../../core/format.ts';
import { HumanError, messageOf } from '../../core/human-error.ts';
import { defined } from '../../protocol/defined.ts';
import type { ChangeVerdict } from '../../protocol/panel/benchmark-state.ts';
import { type CompareTools, measureAndCompare, measureNoise } from '../benchmark/compare.ts';
import { readMachineInfo } from '../benchmark/machine-info.ts';
import { InvalidReportError, resolveReference } from '../benchmark/reference.ts';
import type { BenchOptions } from '../benchmark/run-benchmark.ts';
import { partialSuites, suitePipeline } from '../benchmark/suites.ts';
import { targetOf } from '../benchmark/target.ts';
import { type Argv, parseCommand } from '../command/parse-command.ts';
import { queryGit, readGitState } from '../git.ts';
import { Store } from '../storage/store.ts';
import { exitCodes, type Invocation, UsageError } from './invocation.ts';
import { formatRunNumber, readBenchOptions, selectTarget } from './options/benchmark-options.ts';
import { Screen } from './output/screen.ts';

export async function bench(invocation: Invocation): Promise<number> {
  const { options, stdout, stderr } = invocation;
  const screen = new Screen(stderr);
  const { workspace, data, source } = selectTarget(invocation, partialSuites.map(suitePipeline));
  const { id, write } = parseFormat(options);
  const failingVerdicts = parseFailOn(options['fail-on']);
  const measuring: BenchOptions = {
    ...readBenchOptions(invocation),
    ...defined({ prepare: parseOptionalCommand(options.prepare) }),
    onProgress: ({ done, total, what, remainingNs }) => {
      const left = remainingNs === undefined ? '' : `, at most ${format.duration(remainingNs)} left`;
      screen.status(`${formatRunNumber(done, total)}: ${what}${left}`);
    },
  };
  const store = new Store(data, (line) => screen.line(line));
  try {
    if (options.save !== undefined && !store.isPersistent) {
      throw new UsageError('--save needs a data folder that can be written. Choose one with --data.');
    }
    const git = await readGitState(workspace);
    const key = {
      pipeline: targetOf(source, { workspace }).pipeline.id,
      machine: readMachineInfo(),
      ...defined({ git }),
    };
    // Resolved before the runs, so that a misspelled name does not cost minutes.
    const reference =
      options.against === undefined
        ? undefined
        : await resolveReference(options.against, workspace, store.reports, key).catch(asUsageError);
    const tools: CompareTools = {
      source,
      measuring,
      reports: store.reports,
      ...defined({ install: parseOptionalCommand(options.install) }),
      onNote: (line) => screen.line(line),
    };
    const output = options.noise
      ? await measureNoise(workspace, tools)
      : await measureAndCompare(workspace, reference, tools);
    const { verdict, incomparable, regressions = [] } = output.against?.comparison ?? {};
    // Printed first, because a full disk must not cost the result of many runs.
    const repositoryPath = (await queryGit(workspace, ['rev-parse', '--show-prefix']))?.trim() || undefined;
    stdout.write(write({ ...output, ...defined({ repositoryPath }) }));
    const failures = [
      attempt('add the result to the history', () => {
        if (!options.noise) store.reports.addToHistory(output.report, verdict);
      }),
      attempt(`save the baseline “${options.save}”`, () => {
        if (options.save === undefined) return;
        // A program that fails early is fast, so its times would make every later run look slow.
        if (regressions.some(({ type }) => type === 'error_rate_increase')) {
          throw new HumanError('more calls fail than before. Fix them first');
        }
        store.reports.saveBaseline(options.save, output.report);
        screen.line(`Saved as baseline “${options.save}”.`);
      }),
      attempt('write the job summary', () => {
        const file = process.env['GITHUB_STEP_SUMMARY'];
        if (id === 'github' && file) appendFileSync(file, formatJobSummary(output.report, output.against));
      }),
    ];
    const [, unsaved] = failures;
    screen.lines(failures.filter((failure) => failure !== undefined));
    const isUncompared = reference !== undefined && !output.against;
    // A baseline of another machine cannot show that something became slower.
    const isFailing = incomparable === undefined && verdict !== undefined && failingVerdicts.includes(verdict);
    const hasFailed = isUncompared || isFailing;
    return hasFailed || unsaved !== undefined ? exitCodes.failed : exitCodes.ok;
  } finally {
    store.close();
  }
}

/** Returns a sentence if an action fails. */
function attempt(what: string, action: () => void): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return `Could not ${what}: ${messageOf(error)}.`;
  }
}

/** Throws an invalid file as what it is: an invalid argument, found before the first run. */
function asUsageError(error: unknown): never {
  throw error instanceof InvalidReportError ? new UsageError(error.message) : error;
}

function parseOptionalCommand(text: string | undefined): Argv | undefined {
  return text === undefined ? undefined : parseCommand(text);
}

function parseFormat({ format: requested, json }: Invocation['options']): BenchFormat {
  const formatId = requested ?? (json ? 'json' : 'text');
  const benchFormat = benchFormats.find(({ id }) => id === formatId);
  if (benchFormat) return benchFormat;
  throw new UsageError(`--format must be one of ${benchFormats.map(({ id }) => id).join(', ')} (got “${formatId}”).`);
}

/** Returns the verdicts for which the command fails: the given one and all worse ones. */
function parseFailOn(text = 'regressed'): readonly ChangeVerdict[] {
  if (text === 'never') return [];
  const mildest = verdicts.find((verdict) => verdict === text);
  if (mildest === 'inconclusive' || mildest === 'slower' || mildest === 'regressed')
    return verdicts.slice(verdicts.indexOf(mildest));
  throw new UsageError(`--fail-on must be one of regressed, slower, inconclusive, never (got “${text}”).`);
}
