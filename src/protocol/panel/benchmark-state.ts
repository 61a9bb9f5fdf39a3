/** State of the panel's benchmark tabs: the latest comparison and the history, with every number ready to draw. */
import type { Unit } from '../snapshot.ts';

export type ChangeVerdict = 'improved' | 'unchanged' | 'slower' | 'regressed' | 'inconclusive';

export type RegressionType =
  | 'throughput_degradation'
  | 'latency_increase'
  | 'memory_increase'
  | 'error_rate_increase'
  | 'trend_decline';

export type RegressionSeverity = 'critical' | 'major' | 'moderate' | 'minor';

/** A change for the worse. */
export interface Regression {
  readonly type: RegressionType;
  readonly severity: RegressionSeverity;
  readonly case: string;
  /** Subject and size of the change, in one line. */
  readonly message: string;
}

/** The samples of one side and their density. */
export interface Density {
  readonly samples: readonly number[];
  /** Heights at equal steps along the axis; the highest point of both sides is 1. */
  readonly heights: readonly number[];
}

/** Densities of both sides on a common axis. */
export interface DensityPair {
  /** Ends of the axis, in the unit of the samples. */
  readonly low: number;
  readonly high: number;
  readonly before: Density;
  readonly after: Density;
}

/** Result of comparing two lists of samples. */
export interface Judgement {
  /** Ratio of the candidate's median to the baseline's. */
  readonly ratio: number;
  /** Low end of the 95 % bootstrap interval of the ratio; absent, like the high end, if there are too few runs for one. */
  readonly lowRatio?: number;
  readonly highRatio?: number;
  /** Two-sided p value of the Mann–Whitney test, corrected by Holm's method for all rows of the comparison. */
  readonly p: number;
  /** Number of samples of the baseline and of the candidate, one per run. */
  readonly n: readonly [number, number];
  /** Relative changes below this value are noise. */
  readonly noiseFloor: number;
  /** Smallest relative change that such samples would reveal in 95 of 100 cases; absent if there are too few runs. */
  readonly minimumDetectable?: number;
  readonly verdict: ChangeVerdict;
  readonly reason: string;
}

export interface ComparisonViewRow extends Judgement {
  /** Unique among the rows of the comparison. */
  readonly key: string;
  readonly case: string;
  /** Title of the measure, such as `wall time`, or name of the operation. */
  readonly what: string;
  /** The operation that the row describes; absent if it describes the whole process. */
  readonly operation?: {
    readonly component: string;
    readonly name: string;
    /** Absolute path. */
    readonly file?: string;
    readonly line?: number;
    readonly source: 'measured' | 'sampled' | 'estimated';
  };
  readonly severity?: RegressionSeverity;
  readonly unit: Unit;
  readonly worse: 'more' | 'less';
  /** Median of the baseline. */
  readonly before: number;
  /** Median of the candidate. */
  readonly after: number;
  /** Effect of an operation's change on one run; negative if it became faster. */
  readonly impactNs?: number;
  readonly spread: DensityPair;
}

export interface ComparisonState {
  readonly benchmark: string;
  /** Name of the baseline. */
  readonly against: string;
  /** Commit, date and runtime of the baseline, in one line. */
  readonly before: string;
  /** Commit, date and runtime of the candidate, in one line. */
  readonly after: string;
  readonly verdict: ChangeVerdict;
  /** Whole processes first, then operations; sorted by impact. */
  readonly rows: readonly ComparisonViewRow[];
  /** Number of operations beyond those listed. */
  readonly omitted: number;
  /** Logarithmic axis for the intervals of all rows, as ratios. */
  readonly scale: { readonly low: number; readonly high: number; readonly ticks: readonly number[] };
  readonly regressions: readonly Regression[];
  readonly warnings: readonly string[];
  /** Sentences about the runs from which the rows come. */
  readonly notes: readonly string[];
}

/** One run in the history of a benchmark. */
export interface HistoryPoint {
  /** ISO 8601. */
  readonly at: string;
  /** Abbreviated commit ID. */
  readonly commit?: string;
  readonly branch?: string;
  readonly dirty: boolean;
  readonly median: number;
  /** Low end of the 95 % interval of the median; absent, like `high`, if there were too few runs for one. */
  readonly low?: number;
  readonly high?: number;
  readonly n: number;
  readonly verdict?: ChangeVerdict;
  /** Present at the first run of a new level: relative change from the previous level. */
  readonly step?: number;
}

export interface HistoryCase {
  readonly name: string;
  readonly unit: Unit;
  /** Sorted by time, the oldest first. */
  readonly points: readonly HistoryPoint[];
  /** Summary of the points in one or two sentences. */
  readonly sentence: string;
}

export interface HistoryState {
  /** Combinations of benchmark and machine that have a history, the newest first. */
  readonly choices: readonly { readonly key: string; readonly title: string; readonly detail: string }[];
  /** Key of the choice that is shown. */
  readonly chosen: string;
  readonly cases: readonly HistoryCase[];
  readonly declines: readonly Regression[];
}

export type BenchmarkTab = 'compare' | 'history';

export interface BenchmarkState {
  readonly comparison?: ComparisonState;
  readonly history?: HistoryState;
  /** Tab to bring to the front, once for each new value of `turn`. */
  readonly asked?: { readonly tab: BenchmarkTab; readonly turn: string };
}
