/** Runs benchmark targets repeatedly as whole processes, interleaved, so that machine drift affects all of them alike. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type BenchReport, type RunSample, summarizeCase } from '../../core/benchmark/bench-report.ts';
import { minimumDetectableChange, minRuns } from '../../core/benchmark/judge-change.ts';
import { HumanError } from '../../core/human-error.ts';
import { defined } from '../../protocol/defined.ts';
import type { Argv } from '../command/parse-command.ts';
import { readGitState } from '../git.ts';
import { createTemporaryFolder } from '../storage/temporary-folder.ts';
import { readMachineInfo } from './machine-info.ts';
import { type MeasureRunOptions, measureRun } from './measure-run.ts';
import { prepare } from './prepare.ts';
import type { BenchmarkTarget, Scenario } from './target.ts';

export interface BenchProgress {
  readonly done: number;
  /** Maximum number of runs. With `auto`, the benchmark may end earlier. */
  readonly total: number;
  /** Description of the current run. */
  readonly what: string;
  /** Estimate from the runs so far; undefined before the first run has ended. */
  readonly remainingNs?: number;
}

export interface BenchOptions extends MeasureRunOptions {
  /** Runs of each scenario. `auto` measures from `minRuns` to `maxAutoRuns`, until the noise is low enough. */
  readonly runs: number | 'auto';
  readonly warmup: number;
  /** Command to run before each run, e.g. to clear a cache. Its time is not measured. */
  readonly prepare?: Argv;
  readonly onProgress?: (progress: BenchProgress) => void;
}

const maxAutoRuns = 30;
const maxAutoMs = 240_000;
/** Smallest change that `auto` must be able to detect in every scenario before it stops. */
const targetDetectableRatio = 0.05;

/** Samples of one scenario of one target. */
interface Series {
  readonly target: BenchmarkTarget;
  readonly scenario: Scenario;
  readonly data: string;
  readonly samples: RunSample[];
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
        (scenario): Series => ({ target, scenario, data: join(folder, String(index)), samples: [] }),
      ),
    );
    const stopped = await measure(allSeries, options);
    return targets.map((target, index) => ({
      schema: 'pipescope-bench/1',
      benchmark: target.pipeline.title,
      pipeline: target.pipeline.id,
      workspace: target.workspace,
      at,
      machine,
      ...defined({ git: gitStates[index] }),
      warmup,
      order: formatOrder(allSeries.length),
      stopped,
      cases: allSeries
        .filter((series) => series.target === target)
        .map(({ scenario, samples }) => summarizeCase(scenario.name, samples)),
    }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Fills the samples of all series. Returns the reason why no more runs were made. */
async function measure(
  allSeries: readonly Series[],
  options: BenchOptions,
): Promise<NonNullable<BenchReport['stopped']>> {
  const { runs, warmup, signal, onProgress } = options;
  const maxRuns = runs === 'auto' ? maxAutoRuns : runs;
  const total = (warmup + maxRuns) * allSeries.length;
  const startMs = performance.now();
  const hasManyTargets = new Set(allSeries.map(({ target }) => target)).size > 1;
  let done = 0;
  for (let round = 0; round < warmup + maxRuns; round++) {
    const completedRuns = round - warmup;
    if (runs === 'auto' && completedRuns >= minRuns) {
      if (allSeries.every(isPrecise)) return 'precise';
      if (performance.now() - startMs > maxAutoMs) return 'time';
    }
    // The first round is in forward order, because a scenario may depend on files left by an earlier one.
    for (const series of round % 2 === 0 ? allSeries : [...allSeries].reverse()) {
      signal?.throwIfAborted();
      const { target, scenario, data, samples } = series;
      const labels = [...(round < warmup ? ['warm-up'] : []), ...(hasManyTargets ? [target.name] : []), scenario.name];
      const elapsedNs = (performance.now() - startMs) * 1e6;
      const remainingNs = done > 0 ? (elapsedNs / done) * (total - done) : undefined;
      onProgress?.({ done, total, what: labels.join(', '), ...defined({ remainingNs }) });
      await prepare(options.prepare, { cwd: target.workspace, dist: options.dist, signal });
      const sample = await measureRun(target, scenario, data, options);
      if (completedRuns >= 0) samples.push(sample);
      done++;
    }
  }
  onProgress?.({ done, total, what: 'done', remainingNs: 0 });
  return 'runs';
}

function isPrecise({ samples }: Series): boolean {
  const wallTimes = samples.map(({ wallNs }) => wallNs);
  return minimumDetectableChange(wallTimes, wallTimes) <= targetDetectableRatio;
}

/** Formats the order of the first two rounds with one letter for each series: `A B B A`. */
function formatOrder(seriesCount: number): string {
  const letters = Array.from({ length: seriesCount }, (_, index) => String.fromCharCode(65 + (index % 26)));
  return [...letters, ...letters.toReversed()].join(' ');
}
