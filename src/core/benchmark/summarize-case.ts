/** Summarizes the runs of one case of a benchmark. */
import { defined } from '../../protocol/defined.ts';
import { mad, median, medianInterval } from '../statistics/statistics.ts';
import type { BenchCase, BenchOperation } from './bench-report.ts';
import { runWarnings } from './run-warnings.ts';

/** Measurements of one run without the probe. */
export interface RunSample {
  readonly wallNs: number;
  /** CPU time in user mode. Absent, like the following values, if it could not be measured. */
  readonly userNs?: number;
  readonly systemNs?: number;
  readonly peakRssBytes?: number;
  /** Null if the run was terminated by a signal. */
  readonly exitCode?: number | null;
}

/** Measurements of one run with the probe. */
export interface ProfiledSample {
  readonly wallNs: number;
  /** Number of items that the pipeline has processed. */
  readonly items?: number;
  readonly p95Ns?: number;
  readonly errorRatio?: number;
  readonly events?: number;
  readonly operations?: readonly OperationSample[];
}

export interface OperationSample extends Omit<BenchOperation, 'samplesNs' | 'counts' | 'totalsNs'> {
  /** Mean time of a call, or total time of a sampled operation. */
  readonly valueNs: number;
  readonly totalNs: number;
  readonly count: number;
}

/** Maximum number of operations in each case of a report. */
const maxOperationsPerCase = 100;

/**
 * Summarizes one case from at least one run without the probe, and from the runs with the probe, if there are any.
 */
export function summarizeCase(
  name: string,
  runs: readonly RunSample[],
  profiledRuns: readonly ProfiledSample[] = [],
): BenchCase {
  const samplesNs = runs.map(({ wallNs }) => wallNs);
  return {
    name,
    samplesNs,
    ...defined({
      cpuNs: collect(runs, ({ userNs, systemNs }) =>
        userNs !== undefined && systemNs !== undefined ? userNs + systemNs : undefined,
      ),
      userNs: collect(runs, ({ userNs }) => userNs),
      systemNs: collect(runs, ({ systemNs }) => systemNs),
      peakRssBytes: collect(runs, ({ peakRssBytes }) => peakRssBytes),
      exitCodes: collect(runs, ({ exitCode }) => exitCode),
      perSecond: throughput(runs, profiledRuns),
      p95Ns: collect(profiledRuns, ({ p95Ns }) => p95Ns),
      errorRatios: collect(profiledRuns, ({ errorRatio }) => errorRatio),
      events: collect(profiledRuns, ({ events }) => events),
    }),
    medianNs: median(samplesNs),
    ...spreadOf(samplesNs),
    minNs: Math.min(...samplesNs),
    maxNs: Math.max(...samplesNs),
    warnings: runWarnings(runs),
    ...(profiledRuns.length > 0 ? { profiled: { samplesNs: profiledRuns.map(({ wallNs }) => wallNs) } } : {}),
    ...summarizeOperations(profiledRuns),
  };
}

/** A single run has no deviation, and an interval needs enough runs to have its confidence. */
function spreadOf(samplesNs: readonly number[]): Pick<BenchCase, 'madNs' | 'lowNs' | 'highNs'> {
  if (samplesNs.length < 2) return {};
  const { low, high } = medianInterval(samplesNs) ?? {};
  return { madNs: mad(samplesNs), ...defined({ lowNs: low, highNs: high }) };
}

/** Returns one value per sample, or undefined if a sample lacks the value: a gap would shift the others. */
function collect<S, T>(samples: readonly S[], select: (sample: S) => T | undefined): readonly T[] | undefined {
  const values = samples.map(select).filter((value) => value !== undefined);
  return samples.length > 0 && values.length === samples.length ? values : undefined;
}

/** Returns items per second of each run. The probe counts the items, but must not slow down the run that is timed. */
function throughput(
  runs: readonly RunSample[],
  profiledRuns: readonly ProfiledSample[],
): readonly number[] | undefined {
  const counts = collect(profiledRuns, ({ items }) => items);
  return counts && runs.map(({ wallNs }) => median([...counts]) / (wallNs / 1e9));
}

/** Summarizes the operations that occur in every profiled run, sorted by total time. */
function summarizeOperations(profiledRuns: readonly ProfiledSample[]): Pick<BenchCase, 'operations'> {
  const runsByOperation = new Map<string, OperationSample[]>();
  for (const { operations = [] } of profiledRuns) {
    for (const operation of operations) {
      const { component, name, file, line, source } = operation;
      const key = [component, name, file, line, source].join('\0');
      const runs = runsByOperation.get(key);
      if (runs) runs.push(operation);
      else runsByOperation.set(key, [operation]);
    }
  }
  const operations = [...runsByOperation.values()]
    .filter((runs) => runs.length === profiledRuns.length)
    .map(summarizeOperation)
    .sort((a, b) => totalTimeOf(b) - totalTimeOf(a))
    .slice(0, maxOperationsPerCase);
  return operations.length > 0 ? { operations } : {};
}

function summarizeOperation(runs: readonly OperationSample[]): BenchOperation {
  const { valueNs, totalNs, count, ...described } = runs[0] as OperationSample;
  const isOverlapping = runs.some((run) => run.source !== 'sampled' && run.totalNs < run.valueNs * run.count * 0.999);
  return {
    ...described,
    samplesNs: runs.map((run) => run.valueNs),
    counts: runs.map((run) => run.count),
    ...(isOverlapping ? { totalsNs: runs.map((run) => run.totalNs) } : {}),
  };
}

/** Returns the time of an operation in one run: medians of all runs. */
export function totalTimeOf({ source, samplesNs, counts, totalsNs }: BenchOperation): number {
  if (totalsNs) return median([...totalsNs]);
  return median([...samplesNs]) * (source === 'sampled' ? 1 : median([...counts]));
}
