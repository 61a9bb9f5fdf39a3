/**
 * Judges from samples whether something became slower. A change must pass both a rank test and a noise floor. The interval
 * of the ratio of the medians is reported too; it is slightly wider than what the rank test can detect. If the samples do
 * not allow a verdict, it is `inconclusive`, with the reason.
 */
import type { ChangeVerdict, Judgement } from '../../protocol/panel/benchmark-state.ts';
import * as format from '../format.ts';
import {
  bootstrapRatio,
  mad,
  mannWhitney,
  median,
  minIntervalSamples,
  seededRandom,
} from '../statistics/statistics.ts';

/** Sorted from the best to the worst. */
export const verdicts: readonly ChangeVerdict[] = ['improved', 'unchanged', 'inconclusive', 'slower', 'regressed'];

/** Samples of the baseline and of the candidate, with the limits to judge them by. */
export interface Samples {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly worse: 'more' | 'less';
  /** Ratio of the medians beyond which a change for the worse is a regression. */
  readonly limit: number;
  /** Twice the spread of A/A comparisons of this benchmark on this machine, if measured. */
  readonly measuredFloor?: number;
  /** True if the samples are durations: there is no verdict if they are too short for the clock or too coarse. */
  readonly timed?: boolean;
}

/** Minimum number of samples on each side for a verdict. */
export const minRuns = 10;
const significance = 0.01;
const minNoiseFloor = 0.02;
/** If the confidence interval lies within ±5 %, the verdict is `unchanged`. */
const unchangedBand = 0.05;
const minMedianNs = 1000;
/** Minimum share of distinct values; below it, the samples show the resolution of the clock, not the program. */
const minDistinctShare = 0.05;

/** Returns the p value of a comparison before correction for multiple comparisons. */
export function pValueOf({ before, after }: Pick<Samples, 'before' | 'after'>): number {
  return mannWhitney(after, before).p;
}

/** Judges one comparison by a p value that is already corrected. The same seed yields the same result. */
export function judgeChange(samples: Samples, p: number, seed = 1): Judgement {
  const { before, after, measuredFloor = 0 } = samples;
  const n = [before.length, after.length] as const;
  const ratio = median([...after]) / median([...before]);
  // Compares the baseline with itself: the middle half of these ratios spans twice their absolute deviation.
  const self = bootstrapRatio(before, before, { random: seededRandom(seed + 1), confidence: 0.5 });
  const noiseFloor = Math.max(minNoiseFloor, measuredFloor, self.high - self.low);
  if (Math.min(...n) < minIntervalSamples) return { ratio, p, n, noiseFloor, ...needsRuns(n) };
  const { low, high } = bootstrapRatio(before, after, { random: seededRandom(seed) });
  const minimumDetectable = Math.max(noiseFloor, minimumDetectableChange(before, after));
  const results = { ratio, lowRatio: low, highRatio: high, p, n, noiseFloor, minimumDetectable };
  return { ...results, ...decideVerdict(results, samples) };
}

/**
 * Returns the relative change that such samples would reveal in 95 of 100 cases, by the power formula for medians with
 * near-normal noise: (z.995 + z.95) × √(π/2) × σ × √(1/n + 1/m) / median.
 */
export function minimumDetectableChange(before: readonly number[], after: readonly number[]): number {
  const deviation = 1.4826 * Math.max(mad(before), mad(after));
  const perRoot = Math.sqrt(1 / before.length + 1 / after.length);
  return ((2.576 + 1.645) * Math.sqrt(Math.PI / 2) * deviation * perRoot) / median([...before]);
}

function decideVerdict(
  results: Required<Omit<Judgement, 'verdict' | 'reason'>>,
  samples: Samples,
): Pick<Judgement, 'verdict' | 'reason'> {
  const { ratio, lowRatio, highRatio, p, n, noiseFloor, minimumDetectable } = results;
  if (Math.min(...n) < minRuns) return needsRuns(n);
  const problem = samples.timed ? describeClockProblem(samples) : undefined;
  if (problem) return { verdict: 'inconclusive', reason: problem };
  if (p < significance && Math.abs(ratio - 1) > noiseFloor) {
    const reason = `p ${p < 0.0001 ? '< 0.0001' : `= ${p.toFixed(4)}`}`;
    const { worse, limit } = samples;
    if (worse === 'more' ? ratio < 1 : ratio > 1) return { verdict: 'improved', reason };
    const isBeyond = worse === 'more' ? ratio > limit : ratio < limit;
    return { verdict: isBeyond ? 'regressed' : 'slower', reason };
  }
  const band = Math.max(noiseFloor, unchangedBand);
  if (lowRatio > 1 - band && highRatio < 1 + band) {
    return { verdict: 'unchanged', reason: `within ${format.percent(band)}, noise ${format.percent(noiseFloor)}` };
  }
  const minimum = format.percent(minimumDetectable);
  return { verdict: 'inconclusive', reason: `too noisy to detect a change below ${minimum}` };
}

function needsRuns([before, after]: Judgement['n']): Pick<Judgement, 'verdict' | 'reason'> {
  return { verdict: 'inconclusive', reason: `needs ${minRuns} runs on each side, has ${before} and ${after}` };
}

function describeClockProblem({ before, after }: Samples): string | undefined {
  if (Math.min(median([...before]), median([...after])) < minMedianNs) return 'too short for the clock: under 1 µs';
  const all = [...before, ...after];
  if (new Set(all).size > Math.max(2, minDistinctShare * all.length)) return undefined;
  return 'the clock is too coarse: there are too few distinct values';
}

/** Returns the worst of several verdicts, or `inconclusive` for an empty list. */
export function worstVerdict(all: readonly ChangeVerdict[]): ChangeVerdict {
  if (all.length === 0) return 'inconclusive';
  return all.reduce((a, b) => (verdicts.indexOf(b) > verdicts.indexOf(a) ? b : a));
}
