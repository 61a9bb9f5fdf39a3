/**
 * Says from samples whether something became slower, and how sure that is: rank test, interval of the ratio of the
 * medians, and a noise floor, together. A verdict that the samples cannot carry is "inconclusive", with the reason.
 */
import * as format from './format.ts';
import { bootstrap, bootstrapRatio, dice, holm, mad, mannWhitney, median } from './statistics.ts';

export type Verdict = 'improved' | 'unchanged' | 'slower' | 'regressed' | 'inconclusive';

export interface Machine {
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly node: string;
  /** One-minute load average at the start; 0 where the system tells none. */
  readonly load: number;
}

/** Whole-process runs of one case. Times are wall time from start to exit. */
export interface BenchCase {
  readonly name: string;
  readonly samplesNs: readonly number[];
  readonly cpuNs: readonly number[];
  readonly peakRssBytes: readonly number[];
  readonly medianNs: number;
  readonly madNs: number;
  /** 95 % bootstrap interval of the median. */
  readonly lowNs: number;
  readonly highNs: number;
  readonly minNs: number;
  readonly maxNs: number;
  readonly warnings: readonly string[];
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
  readonly cases: readonly BenchCase[];
}

export interface Row {
  readonly case: string;
  /** Candidate's median over the baseline's. */
  readonly ratio: number;
  readonly lowRatio: number;
  readonly highRatio: number;
  /** Two-sided, corrected for the number of cases by Holm's method. */
  readonly p: number;
  /** Runs of the baseline and of the candidate. */
  readonly n: readonly [number, number];
  /** Changes below this share are this machine's noise. */
  readonly noiseFloor: number;
  /** Smallest change that these samples would show 95 times of 100. */
  readonly minimumDetectable: number;
  readonly verdict: Verdict;
  readonly reason: string;
}

export interface Comparison {
  readonly rows: readonly Row[];
  readonly verdict: Verdict;
  readonly warnings: readonly string[];
}

/** Runs of each side below which nothing is said. */
export const fewestRuns = 10;
const significance = 0.01;
const leastFloor = 0.02;
/** Slower by this factor is a regression, not merely slower. */
export const regressionRatio = 1.2;

/** Summary of one case; at least one sample. The seed makes the interval the same for the same samples. */
export function summarize(
  name: string,
  samples: readonly { readonly wallNs: number; readonly cpuNs: number; readonly peakRssBytes: number }[],
  seed = 1,
): BenchCase {
  const samplesNs = samples.map((sample) => sample.wallNs);
  const { low, high } = bootstrap(samplesNs, median, { random: dice(seed) });
  const medianNs = median(samplesNs);
  return {
    name,
    samplesNs,
    cpuNs: samples.map((sample) => sample.cpuNs),
    peakRssBytes: samples.map((sample) => sample.peakRssBytes),
    medianNs,
    madNs: mad(samplesNs),
    lowNs: low,
    highNs: high,
    minNs: Math.min(...samplesNs),
    maxNs: Math.max(...samplesNs),
    warnings: warningsOf(samplesNs),
  };
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

/** Compares the cases that both reports have. */
export function compareReports(baseline: BenchReport, candidate: BenchReport, seed = 1): Comparison {
  const pairs = candidate.cases.flatMap((now) => {
    const then = baseline.cases.find((other) => other.name === now.name);
    return then && then.samplesNs.length > 0 && now.samplesNs.length > 0 ? [{ then, now }] : [];
  });
  const ps = holm(pairs.map(({ then, now }) => mannWhitney(now.samplesNs, then.samplesNs).p));
  const rows = pairs.map(({ then, now }, index) => compareCase(then, now, ps[index] ?? 1, seed));
  return { rows, verdict: worst(rows), warnings: differences(baseline, candidate) };
}

function compareCase(then: BenchCase, now: BenchCase, p: number, seed: number): Row {
  const n = [then.samplesNs.length, now.samplesNs.length] as const;
  const ratio = now.medianNs / then.medianNs;
  const { low, high } = bootstrapRatio(then.samplesNs, now.samplesNs, { random: dice(seed) });
  const self = bootstrapRatio(then.samplesNs, then.samplesNs, { random: dice(seed + 1) });
  const noiseFloor = Math.max(leastFloor, (self.high - self.low) / 2);
  const minimumDetectable = detectable(then, now);
  const facts = { ratio, low, high, p, n, noiseFloor, minimumDetectable };
  return {
    case: now.name,
    ratio,
    lowRatio: low,
    highRatio: high,
    p,
    n,
    noiseFloor,
    minimumDetectable,
    ...verdictOf(facts),
  };
}

/** (z.995 + z.95) × √(π/2) × σ × √(1/n + 1/m) over the median: the power formula for medians of near-normal noise. */
function detectable(then: BenchCase, now: BenchCase): number {
  const deviation = 1.4826 * Math.max(then.madNs, now.madNs);
  const perRoot = Math.sqrt(1 / then.samplesNs.length + 1 / now.samplesNs.length);
  return ((2.576 + 1.645) * Math.sqrt(Math.PI / 2) * deviation * perRoot) / then.medianNs;
}

function verdictOf(facts: {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  readonly p: number;
  readonly n: readonly [number, number];
  readonly noiseFloor: number;
  readonly minimumDetectable: number;
}): { readonly verdict: Verdict; readonly reason: string } {
  const { ratio, low, high, p, n, noiseFloor, minimumDetectable } = facts;
  if (Math.min(...n) < fewestRuns) {
    return { verdict: 'inconclusive', reason: `needs ${fewestRuns} runs on each side, has ${n[0]} and ${n[1]}` };
  }
  const effect = Math.abs(ratio - 1);
  if (p < significance && effect > noiseFloor && (low > 1 || high < 1)) {
    const sure = `p ${p < 0.0001 ? '< 0.0001' : `= ${p.toFixed(4)}`}`;
    if (ratio < 1) return { verdict: 'improved', reason: sure };
    return { verdict: ratio > regressionRatio ? 'regressed' : 'slower', reason: sure };
  }
  const band = Math.max(noiseFloor, 0.05);
  if (low > 1 - band && high < 1 + band) {
    return { verdict: 'unchanged', reason: `within ${format.percent(band)}, noise ${format.percent(noiseFloor)}` };
  }
  const least = format.percent(minimumDetectable);
  return { verdict: 'inconclusive', reason: `too noisy: only a change above ${least} would show` };
}

const severity: readonly Verdict[] = ['improved', 'unchanged', 'inconclusive', 'slower', 'regressed'];

function worst(rows: readonly Row[]): Verdict {
  if (rows.length === 0) return 'inconclusive';
  return rows.map((row) => row.verdict).reduce((a, b) => (severity.indexOf(b) > severity.indexOf(a) ? b : a));
}

function differences(baseline: BenchReport, candidate: BenchReport): string[] {
  const warnings: string[] = [];
  const { machine: then } = baseline;
  const { machine: now } = candidate;
  if (then.cpu !== now.cpu || then.cores !== now.cores || then.platform !== now.platform) {
    warnings.push(`The baseline is of another machine (${then.cpu}, ${then.cores} cores): the ratio says little.`);
  }
  if (then.node !== now.node) warnings.push(`The baseline ran on Node ${then.node}, this on ${now.node}.`);
  if (baseline.workspace !== candidate.workspace) warnings.push('The baseline is of another workspace.');
  return warnings;
}
