/** Report of a benchmark: every run of every case and of its operations, and the machine. */
import { amount, boolean, list, literal, longText, object, optional, refine, text } from '../../protocol/schema.ts';
import { bootstrapMedian, mad, median, seededRandom } from '../statistics/statistics.ts';

export interface Machine {
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly node: string;
  /** One-minute load average at the start; 0 if the system does not report it. */
  readonly load: number;
  /** CPU frequency governor; absent if the system does not report it. */
  readonly governor?: string;
}

/** One operation over all runs of a case. */
export interface BenchOperation {
  readonly component: string;
  readonly name: string;
  readonly file?: string;
  readonly line?: number;
  /** If `sampled`, the values are total times from stack samples, not times per call. */
  readonly source: 'measured' | 'sampled' | 'estimated';
  /** Mean wall time of a timed call in each run; for a sampled operation, its total time. */
  readonly samplesNs: readonly number[];
  /** Number of calls in each run. */
  readonly counts: readonly number[];
}

/** Whole-process runs of one case. Each list has one entry per run, in the order of execution. */
export interface BenchCase {
  readonly name: string;
  /** Wall time from start to exit. */
  readonly samplesNs: readonly number[];
  readonly cpuNs: readonly number[];
  /** CPU time in user mode. This and `systemNs` are absent if the system does not report them separately. */
  readonly userNs?: readonly number[];
  readonly systemNs?: readonly number[];
  readonly peakRssBytes: readonly number[];
  /** Items processed per second of wall time, if the pipeline counts items. */
  readonly perSecond?: readonly number[];
  /** 95th percentile of the pipeline's unit operation, if it has one. */
  readonly p95Ns?: readonly number[];
  /** Share of calls that failed, from 0 to 1, if calls are counted. */
  readonly errorRatios?: readonly number[];
  /** Number of events that the probe reported: timed calls and stack samples. */
  readonly events?: readonly number[];
  readonly medianNs: number;
  readonly madNs: number;
  /** 95 % bootstrap interval of the median. */
  readonly lowNs: number;
  readonly highNs: number;
  readonly minNs: number;
  readonly maxNs: number;
  readonly warnings: readonly string[];
  /** Operations with the largest total times, sorted by them. */
  readonly operations?: readonly BenchOperation[];
}

export interface BenchReport {
  readonly schema: 'pipescope-bench/1';
  readonly benchmark: string;
  readonly pipeline: string;
  readonly workspace: string;
  /** ISO 8601. */
  readonly at: string;
  readonly machine: Machine;
  readonly git?: { readonly commit: string; readonly branch?: string; readonly dirty: boolean };
  readonly warmup: number;
  /** Order of the runs, such as `A B B A`; the letters stand for the cases and candidates in their order. */
  readonly order?: string;
  /** Reason why the benchmark stopped. */
  readonly stopped?: 'runs' | 'precise' | 'time';
  readonly cases: readonly BenchCase[];
}

/** Limits of a report from a file. `pipescope bench` accepts no larger number of runs. */
const [maxRunsPerCase, maxCases] = [100_000, 10_000];

const isPositive = (value: unknown): value is number => amount(value) && value > 0;
const samples = refine(list(isPositive, maxRunsPerCase), (values) => values.length > 0);
const amounts = list(amount, maxRunsPerCase);

const operationGuard = object({
  component: text,
  name: text,
  file: optional(text),
  line: optional(amount),
  source: literal('measured', 'sampled', 'estimated'),
  samplesNs: amounts,
  counts: amounts,
});

const caseGuard = object({
  name: text,
  samplesNs: samples,
  cpuNs: amounts,
  userNs: optional(amounts),
  systemNs: optional(amounts),
  peakRssBytes: amounts,
  perSecond: optional(amounts),
  p95Ns: optional(amounts),
  errorRatios: optional(amounts),
  events: optional(amounts),
  medianNs: amount,
  madNs: amount,
  lowNs: amount,
  highNs: amount,
  minNs: amount,
  maxNs: amount,
  warnings: list(text, maxCases),
  operations: optional(list(operationGuard, maxCases)),
});

const reportGuard = object({
  schema: literal('pipescope-bench/1'),
  benchmark: text,
  pipeline: text,
  workspace: text,
  at: text,
  machine: object({
    platform: text,
    cpu: text,
    cores: amount,
    memoryBytes: amount,
    node: text,
    load: amount,
    governor: optional(text),
  }),
  git: optional(object({ commit: text, branch: optional(text), dirty: boolean })),
  warmup: amount,
  order: optional(longText),
  cases: list(caseGuard, maxCases),
});

/** Returns true if a parsed file is a report: everything that comparisons and exports read has the right type. */
export function isBenchReport(value: unknown): value is BenchReport {
  return reportGuard(value);
}

/** Measurements of one run. */
export interface RunSample {
  readonly wallNs: number;
  readonly cpuNs: number;
  readonly userNs?: number;
  readonly systemNs?: number;
  readonly peakRssBytes: number;
  readonly perSecond?: number;
  readonly p95Ns?: number;
  readonly errorRatio?: number;
  readonly events?: number;
  readonly operations?: readonly OperationSample[];
}

export interface OperationSample extends Omit<BenchOperation, 'samplesNs' | 'counts'> {
  readonly valueNs: number;
  readonly count: number;
}

/** Maximum number of operations in each case of a report. */
const maxOperationsPerCase = 100;

/** Summarizes one case from at least one sample. The same seed and samples yield the same interval. */
export function summarizeCase(name: string, samples: readonly RunSample[], seed = 1): BenchCase {
  const samplesNs = samples.map((sample) => sample.wallNs);
  const { low, high } = bootstrapMedian(samplesNs, { random: seededRandom(seed) });
  return {
    name,
    samplesNs,
    cpuNs: samples.map((sample) => sample.cpuNs),
    ...listIfComplete('userNs', samples, (sample) => sample.userNs),
    ...listIfComplete('systemNs', samples, (sample) => sample.systemNs),
    peakRssBytes: samples.map((sample) => sample.peakRssBytes),
    ...listIfComplete('perSecond', samples, (sample) => sample.perSecond),
    ...listIfComplete('p95Ns', samples, (sample) => sample.p95Ns),
    ...listIfComplete('errorRatios', samples, (sample) => sample.errorRatio),
    ...listIfComplete('events', samples, (sample) => sample.events),
    medianNs: median(samplesNs),
    madNs: mad(samplesNs),
    lowNs: low,
    highNs: high,
    minNs: Math.min(...samplesNs),
    maxNs: Math.max(...samplesNs),
    warnings: findWarnings(samplesNs),
    ...summarizeOperations(samples),
  };
}

/** Returns a list with one value per run, or no property if a run lacks the value: a gap would shift the others. */
function listIfComplete<K extends string>(
  key: K,
  samples: readonly RunSample[],
  select: (sample: RunSample) => number | undefined,
): { readonly [key in K]?: readonly number[] } {
  const values = samples.flatMap((sample) => select(sample) ?? []);
  return values.length === samples.length ? ({ [key]: values } as { [key in K]: number[] }) : {};
}

/** Summarizes the operations that occur in every run, sorted by total time. */
function summarizeOperations(samples: readonly RunSample[]): Pick<BenchCase, 'operations'> {
  const runsByOperation = new Map<string, OperationSample[]>();
  for (const sample of samples) {
    for (const operation of sample.operations ?? []) {
      const key = `${operation.component}\0${operation.name}\0${operation.file ?? ''}\0${operation.source}`;
      runsByOperation.set(key, [...(runsByOperation.get(key) ?? []), operation]);
    }
  }
  const operations = [...runsByOperation.values()]
    .filter((runs) => runs.length === samples.length)
    .map(summarizeOperation)
    .sort((a, b) => totalTimeOf(b) - totalTimeOf(a))
    .slice(0, maxOperationsPerCase);
  return operations.length > 0 ? { operations } : {};
}

function summarizeOperation(runs: readonly OperationSample[]): BenchOperation {
  const { valueNs, count, ...described } = runs[0] as OperationSample;
  return { ...described, samplesNs: runs.map((run) => run.valueNs), counts: runs.map((run) => run.count) };
}

function totalTimeOf({ source, samplesNs, counts }: BenchOperation): number {
  return median([...samplesNs]) * (source === 'sampled' ? 1 : median([...counts]));
}

/** Modified z-score (Iglewicz & Hoaglin 1993) above which a run is an outlier; the value that hyperfine uses. */
const outlierScore = 14.826;

function findWarnings(samplesNs: readonly number[]): string[] {
  const middle = median([...samplesNs]);
  const spread = mad(samplesNs);
  const isOutlier = (value: number): boolean =>
    spread > 0 && (0.6745 * Math.abs(value - middle)) / spread > outlierScore;
  const warnings: string[] = [];
  if (middle < 5e6) warnings.push('Runs shorter than 5 ms mostly measure process startup.');
  if (samplesNs.some(isOutlier)) warnings.push('There are outliers. Close other programs and run the benchmark again.');
  const [first = 0] = samplesNs;
  if (first > middle && isOutlier(first)) warnings.push('The first run was much slower. Add warm-up runs.');
  return warnings;
}
