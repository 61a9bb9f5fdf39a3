/** Report of a benchmark: every run of every case and of its operations, and the machine. */
import {
  amount,
  boolean,
  type Guard,
  list,
  literal,
  longText,
  object,
  optional,
  refine,
  text,
} from '../../protocol/schema.ts';

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

/** One operation over all profiled runs of a case. */
export interface BenchOperation {
  readonly component: string;
  readonly name: string;
  readonly file?: string;
  readonly line?: number;
  /** If `sampled`, the values are total times from stack samples, not times per call. */
  readonly source: 'measured' | 'sampled' | 'estimated';
  /** Mean wall time of a call in each run, timed or not; for a sampled operation, its total time. */
  readonly samplesNs: readonly number[];
  /** Number of calls in each run. */
  readonly counts: readonly number[];
  /**
   * Time in each run in which at least one call was in progress. Present if that is less than the mean times the number of
   * calls, because calls were recursive or overlapped.
   */
  readonly totalsNs?: readonly number[];
}

/** The runs with the probe. They are made apart from the whole-process runs, which the probe would slow down. */
export interface ProfiledRuns {
  /** Wall time of each run, with the cost of the probe. */
  readonly samplesNs: readonly number[];
}

/**
 * Whole-process runs of one case. Lists have one entry per run, in the order of execution. A value that could not be
 * measured in every run is absent.
 */
export interface BenchCase {
  readonly name: string;
  /** Wall time from start to exit. */
  readonly samplesNs: readonly number[];
  /** CPU time in user and system mode, of the process and of the descendants that it waited for. */
  readonly cpuNs?: readonly number[];
  readonly userNs?: readonly number[];
  readonly systemNs?: readonly number[];
  /** Peak memory of the largest process. */
  readonly peakRssBytes?: readonly number[];
  /** Exit codes; null for a run that was terminated by a signal. */
  readonly exitCodes?: readonly (number | null)[];
  /** Items processed per second of wall time, if the pipeline counts items. */
  readonly perSecond?: readonly number[];
  /** 95th percentile of the pipeline's unit operation in each profiled run, if it has such an operation. */
  readonly p95Ns?: readonly number[];
  /** Share of calls that failed in each profiled run, from 0 to 1, if calls are counted. */
  readonly errorRatios?: readonly number[];
  /** Number of events that the probe reported in each profiled run: timed calls and stack samples. */
  readonly events?: readonly number[];
  readonly medianNs: number;
  /** Median absolute deviation; absent for a single run. */
  readonly madNs?: number;
  /** Low end of the 95 % interval of the median; absent, like the high end, if there are too few runs for one. */
  readonly lowNs?: number;
  readonly highNs?: number;
  readonly minNs: number;
  readonly maxNs: number;
  readonly warnings: readonly string[];
  /** Absent if no run was made with the probe. */
  readonly profiled?: ProfiledRuns;
  /** Operations of the profiled runs with the largest total times, sorted by them. */
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
  /** Present if the whole-process runs were made without the probe. Earlier versions made them with it. */
  readonly method?: 'without-probe';
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
  totalsNs: optional(amounts),
});

const exitCode: Guard<number | null> = (value): value is number | null => value === null || amount(value);

const caseGuard = object({
  name: text,
  samplesNs: samples,
  cpuNs: optional(amounts),
  userNs: optional(amounts),
  systemNs: optional(amounts),
  peakRssBytes: optional(amounts),
  exitCodes: optional(list(exitCode, maxRunsPerCase)),
  perSecond: optional(amounts),
  p95Ns: optional(amounts),
  errorRatios: optional(amounts),
  events: optional(amounts),
  medianNs: amount,
  madNs: optional(amount),
  lowNs: optional(amount),
  highNs: optional(amount),
  minNs: amount,
  maxNs: amount,
  warnings: list(text, maxCases),
  profiled: optional(object({ samplesNs: amounts })),
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
  method: optional(literal('without-probe')),
  order: optional(longText),
  cases: list(caseGuard, maxCases),
});

/** Returns true if a parsed file is a report: everything that comparisons and exports read has the right type. */
export function isBenchReport(value: unknown): value is BenchReport {
  return reportGuard(value);
}
