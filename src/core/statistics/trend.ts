/** Looks at a benchmark over its history: whether it declines step by step, and where it changed at once. */
import { mannWhitney, median, upperNormal } from './statistics.ts';

/** Newest samples that are looked at, and fewest that say anything (spec S1-14). */
const trendWindow = 10;
const fewest = 5;
const mostlyWorse = 0.7;
const leastDecline = 0.1;

export interface Trend {
  readonly declining: boolean;
  /** From the first to the last of the window: 0.12 is 12 % worse. */
  readonly change: number;
  /** Two-sided, of Mann and Kendall's test. */
  readonly p: number;
  readonly n: number;
}

/**
 * Declining: more than 70 % of the steps are for the worse, the whole is more than 10 %, and Mann and Kendall's test
 * (Mann 1945) finds a trend at p < 0.05. Nothing where there are fewer than five values; the newest stands last.
 */
export function trendOf(values: readonly number[], worse: 'more' | 'less'): Trend | undefined {
  const recent = values.slice(-trendWindow);
  const [first, last] = [recent[0], recent.at(-1)];
  if (recent.length < fewest || first === undefined || last === undefined || first === 0) return undefined;
  const sign = worse === 'more' ? 1 : -1;
  const steps = recent.slice(1).map((value, index) => sign * (value - (recent[index] as number)));
  const change = (sign * (last - first)) / first;
  const p = mannKendall(recent);
  const isMostly = steps.filter((step) => step > 0).length > mostlyWorse * steps.length;
  return { declining: isMostly && change > leastDecline && p < 0.05, change, p, n: recent.length };
}

/** Two-sided p of a monotonic trend, by the normal approximation with correction for ties and continuity. */
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

/** Values on each side of a change point below which a rank test cannot find one. */
const leastSegment = 5;
const leastStep = 0.02;

/**
 * Where the level changes: indices of the first value of each new level, by binary segmentation with a rank test,
 * corrected for the places tried (Bonferroni); steps under 2 % are left out.
 */
export function changePoints(values: readonly number[], significance = 0.01): readonly number[] {
  const find = (from: number, to: number): number[] => {
    const places = Math.max(0, to - from - 2 * leastSegment + 1);
    let best = { p: 1, at: -1 };
    for (let at = from + leastSegment; at <= to - leastSegment; at++) {
      const { p } = mannWhitney(values.slice(from, at), values.slice(at, to));
      if (p < best.p) best = { p, at };
    }
    if (best.at < 0 || best.p * places >= significance) return [];
    const [before, after] = [median(values.slice(from, best.at)), median(values.slice(best.at, to))];
    const own = Math.abs(after / before - 1) > leastStep ? [best.at] : [];
    return [...find(from, best.at), ...own, ...find(best.at, to)];
  };
  return find(0, values.length);
}
