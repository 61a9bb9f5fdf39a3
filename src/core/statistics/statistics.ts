/** Statistics for benchmarks. Random sources are passed in by the caller. */
import { median } from 'simple-statistics';

export { median };

/** Returns a generator of numbers in [0, 1) that depend only on the seed (mulberry32, Tommy Ettinger 2017, public domain). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Returns the median absolute deviation, unscaled: a measure of spread that is robust against outliers. */
export function mad(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const middle = median([...values]);
  return median(values.map((value) => Math.abs(value - middle)));
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

interface BootstrapOptions {
  readonly random: () => number;
  readonly confidence?: number;
  readonly resamples?: number;
}

/**
 * Minimum number of values for a 95 % interval of their median. Even from the lowest to the highest of n values, an interval
 * contains the median with a probability of only 1 − 2^(1−n): 75 % for 3 values, 94 % for 5, 97 % for 6.
 */
export const minIntervalSamples = 6;

/**
 * Returns the narrowest interval between two of the values that contains the median of their distribution with a probability
 * of at least 95 %, whatever the distribution: the number of values below the median is binomial (Conover 1999, section 3.2).
 * A bootstrap interval of ten values contains it with about 92 %. Returns undefined for fewer than six values.
 */
export function medianInterval(values: readonly number[]): Interval | undefined {
  const n = values.length;
  if (n < minIntervalSamples) return undefined;
  const sorted = Float64Array.from(values).sort();
  // Logarithms, because the probability of the first terms is too small for a number.
  let logTerm = -n * Math.LN2;
  let tail = 0;
  let rank = 0;
  for (; rank < n / 2; rank++) {
    tail += Math.exp(logTerm);
    if (tail > 0.025) break;
    logTerm += Math.log((n - rank) / (rank + 1));
  }
  return { low: sorted[rank - 1] as number, high: sorted[n - rank] as number };
}

/** Returns the percentile-bootstrap interval of the ratio of the candidate's median to the baseline's. */
export function bootstrapRatio(
  baseline: readonly number[],
  candidate: readonly number[],
  options: BootstrapOptions,
): Interval {
  const drawCandidate = createResampler(candidate, options.random);
  const drawBaseline = createResampler(baseline, options.random);
  return bootstrapInterval(() => drawCandidate() / drawBaseline(), options);
}

function bootstrapInterval(draw: () => number, { confidence = 0.95, resamples = 2000 }: BootstrapOptions): Interval {
  const drawn = Array.from({ length: resamples }, draw).sort((a, b) => a - b);
  const tail = (1 - confidence) / 2;
  return { low: quantile(drawn, tail), high: quantile(drawn, 1 - tail) };
}

/** Returns a quantile of sorted values by linear interpolation (type 7 of Hyndman & Fan, the default of numpy and scipy). */
function quantile(sorted: readonly number[], share: number): number {
  const position = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(position)] as number, sorted[Math.ceil(position)] as number];
  return low + (position - Math.floor(position)) * (high - low);
}

/**
 * Returns a function that draws a resample with replacement and returns its median. The sample is sorted once, and a
 * resample only counts how often each value was drawn: sorting each resample would take thirty times as long, and a report
 * has hundreds of operations.
 */
function createResampler(values: readonly number[], random: () => number): () => number {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  const times = new Uint16Array(n);
  const [lower, upper] = [Math.floor((n - 1) / 2), Math.floor(n / 2)];
  return () => {
    times.fill(0);
    for (let drawn = 0; drawn < n; drawn++) {
      const index = Math.floor(random() * n);
      times[index] = (times[index] as number) + 1;
    }
    let index = 0;
    let passed = times[0] as number;
    while (passed <= lower) passed += times[++index] as number;
    const low = sorted[index] as number;
    while (passed <= upper) passed += times[++index] as number;
    return (low + (sorted[index] as number)) / 2;
  };
}

/**
 * Maximum size of both samples for the exact distribution of U, which also requires that there are no ties. The normal
 * approximation cannot show how small the p value of two separate samples of ten is: 2e-4 instead of 1e-5.
 */
const maxExactSize = 40;

interface RankTest {
  /** U statistic of the first sample. */
  readonly u: number;
  /** Two-sided. */
  readonly p: number;
}

/**
 * Performs a two-sided Mann–Whitney U test (Mann & Whitney 1947). Exact for samples of at most 40 values without
 * ties; otherwise uses the normal approximation with tie and continuity correction. Agrees with `mannwhitneyu` of scipy with
 * the methods `exact` and `asymptotic`.
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): RankTest {
  const n = a.length;
  const m = b.length;
  if (n === 0 || m === 0) return { u: 0, p: 1 };
  const { rankSum, ties } = rankSamples(a, b);
  const u = rankSum - (n * (n + 1)) / 2;
  const larger = Math.max(u, n * m - u);
  if (ties === 0 && Math.max(n, m) <= maxExactSize) return { u, p: Math.min(1, 2 * exactTail(n, m, larger)) };
  const total = n + m;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
  if (variance === 0) return { u, p: 1 };
  const z = (larger - (n * m) / 2 - 0.5) / Math.sqrt(variance);
  return { u, p: Math.min(1, 2 * upperNormal(z)) };
}

/** Returns the sum of the mid-ranks of `a` among both samples, and Σ(t³ − t) over the groups of ties. */
function rankSamples(a: readonly number[], b: readonly number[]): { rankSum: number; ties: number } {
  const all = [...a.map((value) => ({ value, isFirst: true })), ...b.map((value) => ({ value, isFirst: false }))];
  all.sort((x, y) => x.value - y.value);
  let rankSum = 0;
  let ties = 0;
  for (let from = 0; from < all.length; ) {
    let to = from + 1;
    while (to < all.length && all[to]?.value === all[from]?.value) to++;
    const size = to - from;
    const midRank = (from + 1 + to) / 2;
    for (let index = from; index < to; index++) if (all[index]?.isFirst) rankSum += midRank;
    ties += size ** 3 - size;
    from = to;
  }
  return { rankSum, ties };
}

/** Returns P(U ≥ u) without ties, by the recurrence of Mann & Whitney. */
function exactTail(n: number, m: number, u: number): number {
  // After i rounds, ways[j] is the number of ways to reach U = j with the first i values of the first sample.
  let ways = new Float64Array(n * m + 1);
  ways[0] = 1;
  for (let i = 1; i <= n; i++) {
    // Multiplies by (1 − x^(m + i)) / (1 − x^i), one factor of the Gaussian binomial coefficient.
    const times = Float64Array.from(ways);
    for (let j = n * m; j >= m + i; j--) times[j] = (times[j] as number) - (ways[j - m - i] as number);
    for (let j = i; j <= n * m; j++) times[j] = (times[j] as number) + (times[j - i] as number);
    ways = times;
  }
  const total = ways.reduce((sum, way) => sum + way, 0);
  let tail = 0;
  for (let j = Math.ceil(u); j <= n * m; j++) tail += ways[j] as number;
  return tail / total;
}

/** Returns the upper tail of the standard normal distribution, to about 1e-15 (continued fraction of erfc for large z). */
export function upperNormal(z: number): number {
  if (z < 0) return 1 - upperNormal(-z);
  if (z < 2.5) return 0.5 - centralNormal(z);
  let fraction = 0;
  for (let k = 60; k >= 1; k--) fraction = k / (z + fraction);
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI) / (z + fraction);
}

/** Returns Φ(z) − ½ by its Taylor series, which is exact to rounding for small z. */
function centralNormal(z: number): number {
  let term = z;
  let sum = z;
  for (let k = 1; k < 200 && Math.abs(term) > 1e-17 * Math.abs(sum); k++) {
    term *= (-z * z) / (2 * k);
    sum += term / (2 * k + 1);
  }
  return sum / Math.sqrt(2 * Math.PI);
}

/** Applies Holm's step-down correction (Holm 1979). Returns the adjusted p values in the given order. */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const adjusted = new Array<number>(ps.length).fill(1);
  let highest = 0;
  order.forEach(({ p, index }, place) => {
    highest = Math.max(highest, Math.min(1, (ps.length - place) * p));
    adjusted[index] = highest;
  });
  return adjusted;
}
