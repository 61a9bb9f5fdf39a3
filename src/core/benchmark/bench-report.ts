/** What a benchmark measured: every run of every case, and of every operation in it, with the machine it ran on. */
import { bootstrapMedian, mad, median, seededRandom } from '../statistics/statistics.ts';

export interface Machine {
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly node: string;
  /** One-minute load average at the start; 0 where the system tells none. */
  readonly load: number;
  /** How the processor's clock is governed, where the system tells it. */
  readonly governor?: string;
}

/** One operation over the runs of a case. */
export interface BenchOperation {
  readonly component: string;
  readonly name: string;
  readonly file?: string;
  readonly line?: number;
  /** `sampled`: the values are time in all seen by looks at the stack, not time of a call. */
  readonly source: 'measured' | 'sampled' | 'estimated';
  /** For each run: mean wall time of a call that was timed; of what was sampled the time in all. */
  readonly samplesNs: readonly number[];
  /** For each run: how often it was called. */
  readonly counts: readonly number[];
}

/** Whole-process runs of one case; each list has one entry for each run, in the order they were made. */
export interface BenchCase {
  readonly name: string;
  /** Wall time from start to exit. */
  readonly samplesNs: readonly number[];
  readonly cpuNs: readonly number[];
  /** Processor time in the program's own code and in the system for it, where the system tells them apart. */
  readonly userNs?: readonly number[];
  readonly systemNs?: readonly number[];
  readonly peakRssBytes: readonly number[];
  /** Items handled in a second of wall time, where the pipeline counts items. */
  readonly perSecond?: readonly number[];
  /** 95th percentile of the pipeline's unit, where it has one. */
  readonly p95Ns?: readonly number[];
  /** Failed calls of all calls, 0 to 1, where calls are counted. */
  readonly errorRatios?: readonly number[];
  /** What the probe told of: calls that it timed and looks at the stack. */
  readonly events?: readonly number[];
  readonly medianNs: number;
  readonly madNs: number;
  /** 95 % bootstrap interval of the median. */
  readonly lowNs: number;
  readonly highNs: number;
  readonly minNs: number;
  readonly maxNs: number;
  readonly warnings: readonly string[];
  /** Those that take the most time, the longest first. */
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
  /** In which the runs were made, such as `A B B A`; the letters stand for the cases and candidates in their order. */
  readonly order?: string;
  /** Why no more runs were made. */
  readonly stopped?: 'runs' | 'precise' | 'time';
  readonly cases: readonly BenchCase[];
}

/** Whether a parsed file can be compared with; deeper faults show where they are read. */
export function isReport(value: unknown): value is BenchReport {
  if (typeof value !== 'object' || value === null) return false;
  const { schema, pipeline, machine, cases } = value as Partial<Record<keyof BenchReport, unknown>>;
  if (schema !== 'pipescope-bench/1' || typeof pipeline !== 'string') return false;
  if (typeof machine !== 'object' || machine === null || !Array.isArray(cases)) return false;
  return cases.every((one: Partial<BenchCase> | null) => typeof one?.name === 'string' && isNumbers(one.samplesNs));
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => Number.isFinite(one) && one > 0);
}

/** What one run said. */
export interface Sample {
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

/** Operations that a report keeps of each case. */
const operationsKept = 100;

/** Summary of one case; at least one sample. The seed makes the interval the same for the same samples. */
export function summarize(name: string, samples: readonly Sample[], seed = 1): BenchCase {
  const samplesNs = samples.map((sample) => sample.wallNs);
  const { low, high } = bootstrapMedian(samplesNs, { random: seededRandom(seed) });
  return {
    name,
    samplesNs,
    cpuNs: samples.map((sample) => sample.cpuNs),
    ...listed('userNs', samples, (sample) => sample.userNs),
    ...listed('systemNs', samples, (sample) => sample.systemNs),
    peakRssBytes: samples.map((sample) => sample.peakRssBytes),
    ...listed('perSecond', samples, (sample) => sample.perSecond),
    ...listed('p95Ns', samples, (sample) => sample.p95Ns),
    ...listed('errorRatios', samples, (sample) => sample.errorRatio),
    ...listed('events', samples, (sample) => sample.events),
    medianNs: median(samplesNs),
    madNs: mad(samplesNs),
    lowNs: low,
    highNs: high,
    minNs: Math.min(...samplesNs),
    maxNs: Math.max(...samplesNs),
    warnings: warningsOf(samplesNs),
    ...operationsOf(samples),
  };
}

/** Of what every run told; a list with gaps would not say which run a value is of. */
function listed<K extends string>(
  key: K,
  samples: readonly Sample[],
  of: (sample: Sample) => number | undefined,
): { readonly [key in K]?: readonly number[] } {
  const values = samples.flatMap((sample) => of(sample) ?? []);
  return values.length === samples.length ? ({ [key]: values } as { [key in K]: number[] }) : {};
}

/** Those that every run saw, by the time they take. */
function operationsOf(samples: readonly Sample[]): Pick<BenchCase, 'operations'> {
  const found = new Map<string, OperationSample[]>();
  for (const { operations = [] } of samples) {
    for (const one of operations) {
      const key = `${one.component}\0${one.name}\0${one.file ?? ''}\0${one.source}`;
      found.set(key, [...(found.get(key) ?? []), one]);
    }
  }
  const operations = [...found.values()]
    .filter((runs) => runs.length === samples.length)
    .map(operationOf)
    .sort((a, b) => timeOf(b) - timeOf(a))
    .slice(0, operationsKept);
  return operations.length > 0 ? { operations } : {};
}

function operationOf(runs: readonly OperationSample[]): BenchOperation {
  const { valueNs, count, ...described } = runs[0] as OperationSample;
  return { ...described, samplesNs: runs.map((run) => run.valueNs), counts: runs.map((run) => run.count) };
}

function timeOf({ source, samplesNs, counts }: BenchOperation): number {
  return median([...samplesNs]) * (source === 'sampled' ? 1 : median([...counts]));
}

/** Modified z-score (Iglewicz & Hoaglin 1993) beyond which hyperfine calls a run an outlier. */
const outlierScore = 14.826;

function warningsOf(samplesNs: readonly number[]): string[] {
  const middle = median([...samplesNs]);
  const spread = mad(samplesNs);
  const isOutlier = (value: number): boolean =>
    spread > 0 && (0.6745 * Math.abs(value - middle)) / spread > outlierScore;
  const warnings: string[] = [];
  if (middle < 5e6) warnings.push('Runs shorter than 5 ms measure mostly the start of the process.');
  if (samplesNs.some(isOutlier)) warnings.push('There are outliers: something else was using this machine.');
  const [first = 0] = samplesNs;
  if (first > middle && isOutlier(first)) warnings.push('The first run was much slower: more warm-up runs would help.');
  return warnings;
}
