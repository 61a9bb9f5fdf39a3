/** What the panel shows of benchmarks: the newest comparison and the history, complete, with every number ready to draw. */
import type { Unit } from './snapshot.ts';

export type Verdict = 'improved' | 'unchanged' | 'slower' | 'regressed' | 'inconclusive';

export type RegressionType =
  | 'throughput_degradation'
  | 'latency_increase'
  | 'memory_increase'
  | 'error_rate_increase'
  | 'trend_decline';

export type RegressionSeverity = 'critical' | 'major' | 'moderate' | 'minor';

/** What became worse. */
export interface Regression {
  readonly type: RegressionType;
  readonly severity: RegressionSeverity;
  readonly case: string;
  /** What became worse, by how much, in one line. */
  readonly message: string;
}

/** The samples of one side, and how densely they lie. */
export interface Density {
  readonly samples: readonly number[];
  /** At even steps from the first to the last value of the axis; the highest of both sides is 1. */
  readonly heights: readonly number[];
}

/** What two lists of samples say of each other. */
export interface Answer {
  /** Candidate's median over the baseline's, with its 95 % bootstrap interval. */
  readonly ratio: number;
  readonly lowRatio: number;
  readonly highRatio: number;
  /** Two-sided Mann–Whitney, corrected by Holm's method for all that was asked at once. */
  readonly p: number;
  /** Samples of the baseline and of the candidate: one a run. */
  readonly n: readonly [number, number];
  /** Changes below this share are noise. */
  readonly noiseFloor: number;
  /** Smallest change that these samples would show 95 times of 100. */
  readonly minimumDetectable: number;
  readonly verdict: Verdict;
  readonly reason: string;
}

export interface ComparedRow extends Answer {
  /** Tells it apart from all others of the comparison. */
  readonly key: string;
  readonly case: string;
  /** `wall time`, or the name of an operation. */
  readonly what: string;
  /** Of an operation; absent where the row is of the whole process. */
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
  /** Medians. */
  readonly before: number;
  readonly after: number;
  /** What the change of an operation comes to in one run; less than nothing where it became faster. */
  readonly impactNs?: number;
  readonly spread: {
    /** The axis of both sides, in the unit of the row. */
    readonly low: number;
    readonly high: number;
    readonly before: Density;
    readonly after: Density;
  };
}

export interface ComparisonState {
  readonly benchmark: string;
  /** Name of what it was compared with. */
  readonly against: string;
  /** Where, on which commit and when each side was measured, in a line. */
  readonly before: string;
  readonly after: string;
  readonly verdict: Verdict;
  /** By impact: whole processes first, then operations. */
  readonly rows: readonly ComparedRow[];
  /** Rows of operations beyond those that are listed. */
  readonly omitted: number;
  /** The common axis of all intervals, as ratios: a logarithmic scale. */
  readonly scale: { readonly low: number; readonly high: number; readonly ticks: readonly number[] };
  readonly regressions: readonly Regression[];
  readonly warnings: readonly string[];
}

/** One run of a benchmark, as its history knows it. */
export interface PastPoint {
  /** ISO 8601. */
  readonly at: string;
  /** Short name of the commit. */
  readonly commit?: string;
  readonly branch?: string;
  readonly dirty: boolean;
  readonly median: number;
  /** 95 % interval of the median. */
  readonly low: number;
  readonly high: number;
  readonly n: number;
  readonly verdict?: Verdict;
  /** The first of a new level: share of the change from the level before. */
  readonly step?: number;
}

export interface PastCase {
  readonly name: string;
  readonly unit: Unit;
  /** The oldest first. */
  readonly points: readonly PastPoint[];
  /** What the points say together, in a sentence. */
  readonly sentence: string;
}

export interface HistoryState {
  /** Benchmarks and machines that have a history, the newest first. */
  readonly choices: readonly { readonly key: string; readonly title: string; readonly detail: string }[];
  /** Which of them is shown. */
  readonly chosen: string;
  readonly cases: readonly PastCase[];
  readonly declines: readonly Regression[];
}

export type BenchmarkTab = 'compare' | 'history';

export interface BenchmarkState {
  readonly comparison?: ComparisonState;
  readonly history?: HistoryState;
  /** A tab to be brought to the front, once for each turn. */
  readonly asked?: { readonly tab: BenchmarkTab; readonly turn: string };
}
