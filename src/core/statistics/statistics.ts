/** The few statistics that a benchmark stands on; randomness is handed in. */
import { median } from 'simple-statistics';

export { median };

/** Random numbers in [0, 1), the same for the same seed (mulberry32, Tommy Ettinger 2017, public domain). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Median of the distances from the median: spread that a few outliers do not move. Unscaled. */
export function mad(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const middle = median([...values]);
  return median(values.map((value) => Math.abs(value - middle)));
}

export interface Bounds {
  readonly low: number;
  readonly high: number;
}

interface BootstrapOptions {
  readonly random: () => number;
  readonly confidence?: number;
  readonly resamples?: number;
}

/** Percentile-bootstrap interval of the median of one sample (Efron 1979). */
export function bootstrapMedian(values: readonly number[], options: BootstrapOptions): Bounds {
  const draw = medians(values, options.random);
  return bootstrapOf(draw, options);
}

/** Percentile-bootstrap interval of the ratio of two medians, candidate over baseline. */
export function bootstrapRatio(
  baseline: readonly number[],
  candidate: readonly number[],
  options: BootstrapOptions,
): Bounds {
  const above = medians(candidate, options.random);
  const below = medians(baseline, options.random);
  return bootstrapOf(() => above() / below(), options);
}

function bootstrapOf(draw: () => number, { confidence = 0.95, resamples = 2000 }: BootstrapOptions): Bounds {
  const drawn = Array.from({ length: resamples }, draw).sort((a, b) => a - b);
  const tail = (1 - confidence) / 2;
  return { low: quantile(drawn, tail), high: quantile(drawn, 1 - tail) };
}

/** Of sorted values, between the two nearest in proportion (Hyndman & Fan's type 7, as numpy and scipy have it). */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
  return low + (at - Math.floor(at)) * (high - low);
}

/**
 * Medians of resamples with replacement. The sample is sorted once, and each resample is counted by place in it: a
 * report has hundreds of operations, and sorting every resample takes thirty times as long.
 */
function medians(values: readonly number[], random: () => number): () => number {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  const times = new Uint16Array(n);
  const [lower, upper] = [Math.floor((n - 1) / 2), Math.floor(n / 2)];
  return () => {
    times.fill(0);
    for (let drawn = 0; drawn < n; drawn++) {
      const at = Math.floor(random() * n);
      times[at] = (times[at] as number) + 1;
    }
    let at = 0;
    let before = times[0] as number;
    while (before <= lower) before += times[++at] as number;
    const low = sorted[at] as number;
    while (before <= upper) before += times[++at] as number;
    return (low + (sorted[at] as number)) / 2;
  };
}

/** Values of both samples up to which the exact distribution of U is used, where there are no ties. */
const exactLimit = 8;

export interface RankTest {
  /** Mann and Whitney's U of the first sample. */
  readonly u: number;
  /** Two-sided. */
  readonly p: number;
}

/**
 * Mann–Whitney U test, two-sided (Mann & Whitney 1947): exact for small samples without ties, else by the normal
 * approximation with tie and continuity correction, as scipy's `mannwhitneyu(method='auto')` does.
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): RankTest {
  const n = a.length;
  const m = b.length;
  if (n === 0 || m === 0) return { u: 0, p: 1 };
  const { rankSum, ties } = rank(a, b);
  const u = rankSum - (n * (n + 1)) / 2;
  const larger = Math.max(u, n * m - u);
  if (ties === 0 && Math.min(n, m) <= exactLimit) return { u, p: Math.min(1, 2 * exactTail(n, m, larger)) };
  const total = n + m;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
  if (variance === 0) return { u, p: 1 };
  const z = (larger - (n * m) / 2 - 0.5) / Math.sqrt(variance);
  return { u, p: Math.min(1, 2 * upperNormal(z)) };
}

/** Sum of the mid-ranks of `a` in both, and Σ(t³ − t) over the groups of ties. */
function rank(a: readonly number[], b: readonly number[]): { rankSum: number; ties: number } {
  const all = [...a.map((value) => ({ value, mine: true })), ...b.map((value) => ({ value, mine: false }))];
  all.sort((x, y) => x.value - y.value);
  let rankSum = 0;
  let ties = 0;
  for (let from = 0; from < all.length; ) {
    let to = from + 1;
    while (to < all.length && all[to]?.value === all[from]?.value) to++;
    const size = to - from;
    const midRank = (from + 1 + to) / 2;
    for (let at = from; at < to; at++) if (all[at]?.mine) rankSum += midRank;
    ties += size ** 3 - size;
    from = to;
  }
  return { rankSum, ties };
}

/** P(U ≥ u) without ties: the number of ways is counted by the recurrence of Mann & Whitney. */
function exactTail(n: number, m: number, u: number): number {
  // ways[j] after i rows: ways to reach the sum j with at most i of the first sample, each among m + 1 places.
  let ways = new Float64Array(n * m + 1);
  ways[0] = 1;
  for (let i = 1; i <= n; i++) {
    // Multiply by (1 − x^(m + i)) / (1 − x^i): the Gaussian binomial coefficient, one factor a row.
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

/** Upper tail of the standard normal distribution, to about 1e-15 (W. J. Cody's erfc by continued fraction). */
export function upperNormal(z: number): number {
  if (z < 0) return 1 - upperNormal(-z);
  if (z < 2.5) return 0.5 - centralNormal(z);
  let fraction = 0;
  for (let k = 60; k >= 1; k--) fraction = k / (z + fraction);
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI) / (z + fraction);
}

/** Φ(z) − ½ by Taylor's series: exact to rounding for small z. */
function centralNormal(z: number): number {
  let term = z;
  let sum = z;
  for (let k = 1; k < 200 && Math.abs(term) > 1e-17 * Math.abs(sum); k++) {
    term *= (-z * z) / (2 * k);
    sum += term / (2 * k + 1);
  }
  return sum / Math.sqrt(2 * Math.PI);
}

/** Holm's step-down correction (Holm 1979): adjusted p values in the order given. */
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
