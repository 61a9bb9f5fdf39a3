/** Detects gradual declines and sudden changes of level in the history of a benchmark. */
import { mannWhitney, median, upperNormal } from './statistics.ts';

/** Maximum and minimum number of values for a trend; the newest are used. */
const trendWindow = 10;
const minTrendValues = 5;
const minWorseShare = 0.7;
const minDecline = 0.1;

export interface Trend {
  readonly declining: boolean;
  /** Relative change from the first to the last value: 0.12 is 12 % worse. */
  readonly change: number;
  /** Two-sided p value of the Mann–Kendall test. */
  readonly p: number;
  readonly n: number;
}

/**
 * Detects a gradual decline. It requires that more than 70 % of the steps are for the worse, that the total change is more
 * than 10 %, and that the Mann–Kendall test (Mann 1945) finds a trend at p < 0.05. The newest value comes last. Returns
 * undefined for fewer than five values.
 */
export function detectTrend(values: readonly number[], worse: 'more' | 'less'): Trend | undefined {
  const recent = values.slice(-trendWindow);
  const [first, last] = [recent[0], recent.at(-1)];
  if (recent.length < minTrendValues || first === undefined || last === undefined || first === 0) return undefined;
  const sign = worse === 'more' ? 1 : -1;
  const steps = recent.slice(1).map((value, index) => sign * (value - (recent[index] as number)));
  const change = (sign * (last - first)) / first;
  const p = mannKendall(recent);
  const isMostlyWorse = steps.filter((step) => step > 0).length > minWorseShare * steps.length;
  return { declining: isMostlyWorse && change > minDecline && p < 0.05, change, p, n: recent.length };
}

/**
 * Returns the two-sided p value of the Mann–Kendall test for a monotonic trend, by the normal approximation with
 * corrections for ties and continuity.
 */
export function mannKendall(values: readonly number[]): number {
  const n = values.length;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) sum += Math.sign((values[j] as number) - (values[i] as number));
  }
  const sizes = [...Map.groupBy(values, (value) => value).values()].map((group) => group.length);
  const ties = sizes.reduce((all, t) => all + t * (t - 1) * (2 * t + 5), 0);
  const variance = (n * (n - 1) * (2 * n + 5) - ties) / 18;
  if (variance <= 0 || sum === 0) return 1;
  return Math.min(1, 2 * upperNormal((Math.abs(sum) - 1) / Math.sqrt(variance)));
}

/** Minimum number of values on each side of a change point; a rank test cannot find one with fewer. */
const minSegment = 5;
const minStep = 0.02;

/**
 * Returns the index of the first value of each new level. Uses binary segmentation with a rank test, Bonferroni-corrected
 * for the number of positions tried. Ignores changes below 2 %.
 */
export function findChangePoints(values: readonly number[], significance = 0.01): readonly number[] {
  const find = (from: number, to: number): number[] => {
    const positions = Math.max(0, to - from - 2 * minSegment + 1);
    let best = { p: 1, index: -1 };
    for (let index = from + minSegment; index <= to - minSegment; index++) {
      const { p } = mannWhitney(values.slice(from, index), values.slice(index, to));
      if (p < best.p) best = { p, index };
    }
    if (best.index < 0 || best.p * positions >= significance) return [];
    const [before, after] = [median(values.slice(from, best.index)), median(values.slice(best.index, to))];
    const changePoint = Math.abs(after / before - 1) > minStep ? [best.index] : [];
    return [...find(from, best.index), ...changePoint, ...find(best.index, to)];
  };
  return find(0, values.length);
}
