/**
 * Says from samples whether something became slower, and how sure that is: a rank test and a noise floor, together,
 * beside the interval of the ratio of the medians, which is a little wider than what the rank test can tell. A verdict that the samples cannot carry is "inconclusive", with the reason.
 */
import type { Answer, Verdict } from '../../protocol/benchmark-state.ts';
import * as format from '../format.ts';
import { bootstrapRatio, mad, mannWhitney, median, seededRandom } from '../statistics/statistics.ts';

export type { Answer, Verdict };

/** From the best to the worst. */
export const verdicts: readonly Verdict[] = ['improved', 'unchanged', 'inconclusive', 'slower', 'regressed'];

/** Two lists of samples beside each other, and what is asked of them. */
export interface Question {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly worse: 'more' | 'less';
  /** Ratio beyond which worse is a regression. */
  readonly limit: number;
  /** Twice the spread of A/A comparisons of this benchmark on this machine, where that was measured. */
  readonly measuredFloor?: number;
  /** The samples are durations: too short ones, and ones that fall on few ticks of the clock, carry no verdict. */
  readonly timed?: boolean;
}

/** Samples of each side below which nothing is said. */
export const fewestRuns = 10;
const significance = 0.01;
const leastFloor = 0.02;
/** A change inside of this is none, where the interval shows it. */
const sameBand = 0.05;
const shortestNs = 1000;
/** Different values of all values, below which the clock and not the program was measured (spec §2.5). */
const leastDistinct = 0.05;

/** The p value of a question, before it is corrected. */
export function pOf({ before, after }: Pick<Question, 'before' | 'after'>): number {
  return mannWhitney(after, before).p;
}

/** Answers one question, by a p value that was corrected already. The seed makes the answer the same again. */
export function answer(question: Question, p: number, seed = 1): Answer {
  const { before, after, measuredFloor = 0 } = question;
  const n = [before.length, after.length] as const;
  const ratio = median([...after]) / median([...before]);
  const { low, high } = bootstrapRatio(before, after, { random: seededRandom(seed) });
  // The same against the same, from these samples: the middle half of the ratios is twice their absolute deviation.
  const self = bootstrapRatio(before, before, { random: seededRandom(seed + 1), confidence: 0.5 });
  const noiseFloor = Math.max(leastFloor, measuredFloor, self.high - self.low);
  const minimumDetectable = Math.max(noiseFloor, detectable(before, after));
  const facts = { ratio, lowRatio: low, highRatio: high, p, n, noiseFloor, minimumDetectable };
  return { ...facts, ...verdictOf(facts, question) };
}

/**
 * Share of a change that samples like these would show 95 times of 100:
 * (z.995 + z.95) × √(π/2) × σ × √(1/n + 1/m) over the median: the power formula for medians of near-normal noise.
 */
export function detectable(before: readonly number[], after: readonly number[]): number {
  const deviation = 1.4826 * Math.max(mad(before), mad(after));
  const perRoot = Math.sqrt(1 / before.length + 1 / after.length);
  return ((2.576 + 1.645) * Math.sqrt(Math.PI / 2) * deviation * perRoot) / median([...before]);
}

function verdictOf(
  facts: Omit<Answer, 'verdict' | 'reason'>,
  question: Question,
): { readonly verdict: Verdict; readonly reason: string } {
  const { ratio, lowRatio, highRatio, p, n, noiseFloor, minimumDetectable } = facts;
  if (Math.min(...n) < fewestRuns) {
    return { verdict: 'inconclusive', reason: `needs ${fewestRuns} runs on each side, has ${n[0]} and ${n[1]}` };
  }
  const fault = question.timed ? clockFault(question) : undefined;
  if (fault) return { verdict: 'inconclusive', reason: fault };
  if (p < significance && Math.abs(ratio - 1) > noiseFloor) {
    const sure = `p ${p < 0.0001 ? '< 0.0001' : `= ${p.toFixed(4)}`}`;
    const { worse, limit } = question;
    if (worse === 'more' ? ratio < 1 : ratio > 1) return { verdict: 'improved', reason: sure };
    const isBeyond = worse === 'more' ? ratio > limit : ratio < limit;
    return { verdict: isBeyond ? 'regressed' : 'slower', reason: sure };
  }
  const band = Math.max(noiseFloor, sameBand);
  if (lowRatio > 1 - band && highRatio < 1 + band) {
    return { verdict: 'unchanged', reason: `within ${format.percent(band)}, noise ${format.percent(noiseFloor)}` };
  }
  const least = format.percent(minimumDetectable);
  return { verdict: 'inconclusive', reason: `too noisy: only a change above ${least} would show` };
}

function clockFault({ before, after }: Question): string | undefined {
  if (Math.min(median([...before]), median([...after])) < shortestNs) return 'too short for the clock: under 1 µs';
  const all = [...before, ...after];
  if (new Set(all).size > Math.max(2, leastDistinct * all.length)) return undefined;
  return 'the clock is too coarse: the samples have hardly any different values';
}

/** The worst of several; nothing asked is inconclusive. */
export function worstOf(all: readonly Verdict[]): Verdict {
  if (all.length === 0) return 'inconclusive';
  return all.reduce((a, b) => (verdicts.indexOf(b) > verdicts.indexOf(a) ? b : a));
}
