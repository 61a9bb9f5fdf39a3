/**
 * Benchmarks targets. Whole-process figures come from runs without the probe, operations from further runs with the probe.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchCase, BenchReport } from '../../core/benchmark/bench-report.ts';
import { type ProfiledSample, type RunSample, summarizeCase } from '../../core/benchmark/summarize-case.ts';
import { HumanError, messageOf } from '../../core/human-error.ts';
import { defined } from '../../protocol/defined.ts';
import type { Argv } from '../command/parse-command.ts';
import { readGitState } from '../git.ts';
import { createTemporaryFolder } from '../storage/temporary-folder.ts';
import { interleave, maxAutoRuns, type RunCount } from './interleave.ts';
import { readMachineInfo } from './machine-info.ts';
import { type MeasureRunOptions, measureRun } from './measure-run.ts';
import { prepare } from './prepare.ts';
import type { BenchmarkTarget, Scenario } from './target.ts';
import { measureWholeRun } from './timer/measure-whole-run.ts';
import { ProcessTimer } from './timer/process-timer.ts';

export interface BenchProgress {
  readonly done: number;
  /** Maximum number of runs. With `auto`, the benchmark may end earlier, or make more runs if they are short. */
  readonly total: number;
  /** Description of the current run. */
  readonly what: string;
  /** Estimate from the runs so far; undefined before the first run has ended. */
  readonly remainingNs?: number;
}

export interface BenchOptions extends MeasureRunOptions {
  readonly runs: RunCount;
  readonly warmup: number;
  /** Command to run before each run, e.g. to clear a cache. Its time is not measured. */
  readonly prepare?: Argv;
  readonly onProgress?: (progress: BenchProgress) => void;
}

/** Samples of one scenario of one target. */
interface ScenarioSeries {
  readonly target: BenchmarkTarget;
  readonly scenario: Scenario;
  readonly data: string;
  readonly runs: RunSample[];
  readonly profiled: ProfiledSample[];
}

interface ProfilingPhase {
  readonly series: ScenarioSeries;
  readonly wallTimesNs: number[];
}

/**
 * Measures targets in whole-process runs with warm-up, interleaved in the order A B B A. Each target has its own data
 * folder. Returns one report for each target, in the same order. Rejects with a HumanError if a run fails, because a
 * baseline of failing runs would be worthless, and with the signal's reason if it is cancelled.
 */
export async function benchmark(
  targets: readonly [BenchmarkTarget, ...BenchmarkTarget[]],
  options: BenchOptions,
): Promise<readonly BenchReport[]> {
  const { runs, warmup } = options;
  if (runs !== 'auto' && !(Number.isInteger(runs) && runs >= 1))
    throw new HumanError('A benchmark needs at least one run.');
  const machine = readMachineInfo();
  const at = new Date().toISOString();
  const gitStates = await Promise.all(targets.map(({ workspace }) => readGitState(workspace)));
  const folder = createTemporaryFolder('pipescope-bench-');
  try {
    const allSeries = targets.flatMap((target, index) =>
      target.scenarios.map(
        (scenario): ScenarioSeries => ({ target, scenario, data: join(folder, String(index)), runs: [], profiled: [] }),
      ),
    );
    const progress = new RunProgress(allSeries, options);
    const stopped = await measureWholeRuns(allSeries, folder, progress, options);
    const warnings = await profileRuns(allSeries, progress, options);
    progress.end();
    return targets.map((target, index) => ({
      schema: 'pipescope-bench/1',
      benchmark: target.pipeline.title,
      pipeline: target.pipeline.id,
      workspace: target.workspace,
      at,
      machine,
      ...defined({ git: gitStates[index] }),
      warmup,
      method: 'without-probe',
      order: formatOrder(allSeries.length),
      stopped,
      cases: allSeries.filter((series) => series.target === target).map((series) => toCase(series, warnings)),
    }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Adds the runs without the probe to all series. Returns the reason why no more runs were made. */
async function measureWholeRuns(
  allSeries: readonly ScenarioSeries[],
  folder: string,
  progress: RunProgress,
  options: BenchOptions,
): Promise<NonNullable<BenchReport['stopped']>> {
  const { runs, warmup, signal, dist } = options;
  const timer = await ProcessTimer.start(dist, signal);
  const stderr = join(folder, 'stderr');
  try {
    const phases = allSeries.map((series) => ({ series, wallTimesNs: [] as number[] }));
    return await interleave(phases, {
      runs,
      warmup,
      signal,
      runOnce: async ({ series, wallTimesNs }, isWarmup) => {
        progress.begin(series, isWarmup ? ['warm-up'] : []);
        await prepare(options.prepare, { cwd: series.target.workspace, dist, signal });
        const launch = series.scenario.launch(series.data);
        const sample = await measureWholeRun(launch, timer, { ...options, ...(isWarmup ? { stderr } : {}) });
        if (isWarmup) return;
        series.runs.push(sample);
        wallTimesNs.push(sample.wallNs);
      },
    });
  } finally {
    await timer.close();
  }
}

/**
 * Adds the runs with the probe to all series. The first one of each series shows whether the program reports operations at
 * all; it is also a warm-up run. Returns a warning for each series whose runs fail with the probe, because that must not
 * lose the whole-process figures.
 */
async function profileRuns(
  allSeries: readonly ScenarioSeries[],
  progress: RunProgress,
  options: BenchOptions,
): Promise<ReadonlyMap<ScenarioSeries, string>> {
  const { runs, signal } = options;
  const warnings = new Map<ScenarioSeries, string>();
  const runOnce = async (series: ScenarioSeries): Promise<ProfiledSample | undefined> => {
    progress.begin(series, ['with the probe']);
    try {
      await prepare(options.prepare, { cwd: series.target.workspace, dist: options.dist, signal });
      return await measureRun(series.target, series.scenario, series.data, options);
    } catch (error) {
      signal?.throwIfAborted();
      warnings.set(series, `Operations were not measured: ${messageOf(error)}`);
      return undefined;
    }
  };
  const phases: ProfilingPhase[] = [];
  for (const series of allSeries) {
    const trial = await runOnce(series);
    if (trial?.events) phases.push({ series, wallTimesNs: [] });
  }
  if (phases.length === 0) return warnings;
  await interleave(phases, {
    runs,
    warmup: 0,
    signal,
    runOnce: async ({ series, wallTimesNs }) => {
      const sample = warnings.has(series) ? undefined : await runOnce(series);
      if (sample) series.profiled.push(sample);
      // A series that fails is not repeated, and must not keep the others from ending.
      wallTimesNs.push(sample?.wallNs ?? 1);
    },
  });
  for (const series of warnings.keys()) series.profiled.length = 0;
  return warnings;
}

function toCase(series: ScenarioSeries, warnings: ReadonlyMap<ScenarioSeries, string>): BenchCase {
  const benchCase = summarizeCase(series.scenario.name, series.runs, series.profiled);
  const warning = warnings.get(series);
  return warning === undefined ? benchCase : { ...benchCase, warnings: [...benchCase.warnings, warning] };
}

/** Reports the number of runs and estimates the time left. */
class RunProgress {
  readonly #onProgress: BenchOptions['onProgress'];
  readonly #hasManyTargets: boolean;
  readonly #startMs = performance.now();
  readonly #total: number;
  #begun = 0;

  constructor(allSeries: readonly ScenarioSeries[], { runs, warmup, onProgress }: BenchOptions) {
    const maxRuns = runs === 'auto' ? maxAutoRuns : runs;
    this.#total = (warmup + 1 + 2 * maxRuns) * allSeries.length;
    this.#hasManyTargets = new Set(allSeries.map(({ target }) => target)).size > 1;
    this.#onProgress = onProgress;
  }

  begin({ target, scenario }: ScenarioSeries, labels: readonly string[]): void {
    const done = this.#begun;
    this.#begun++;
    const total = Math.max(this.#total, this.#begun);
    const what = [...labels, ...(this.#hasManyTargets ? [target.name] : []), scenario.name].join(', ');
    const elapsedNs = (performance.now() - this.#startMs) * 1e6;
    const remainingNs = done > 0 ? (elapsedNs / done) * (total - done) : undefined;
    this.#onProgress?.({ done, total, what, ...defined({ remainingNs }) });
  }

  end(): void {
    this.#onProgress?.({ done: this.#begun, total: this.#begun, what: 'done', remainingNs: 0 });
  }
}

/** Formats the order of the first two rounds with one letter for each series: `A B B A`. */
function formatOrder(seriesCount: number): string {
  const letters = Array.from({ length: seriesCount }, (_, index) => String.fromCharCode(65 + (index % 26)));
  return [...letters, ...letters.toReversed()].join(' ');
}
