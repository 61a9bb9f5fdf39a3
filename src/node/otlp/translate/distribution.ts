/** Converts both kinds of OpenTelemetry histograms to one form and computes the increase between two of them. */
import type { DistributionPoint, ExponentialPoint } from '../decode/otlp-schema.ts';

/** Limits of a data point. A point beyond them is rejected as implausible. */
const maxBuckets = 5000;
const maxCalls = 2 ** 48;

export interface Distribution {
  readonly count: number;
  /** In the metric's unit. */
  readonly sum: number | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** Number of calls by bucket index; empty if the sender does not report buckets. */
  readonly calls: ReadonlyMap<number, number>;
  /** Meaning of the bucket indices: explicit bounds, or the scale of exponential buckets. */
  readonly layout: readonly number[] | number;
}

/** Converts a data point. Returns undefined if it is inconsistent. */
export function toDistribution(point: DistributionPoint | ExponentialPoint): Distribution | undefined {
  if ('explicitBounds' in point && point.explicitBounds.length === 0 && point.bucketCounts.length <= 1)
    return toDistributionWithoutBuckets(point);
  const { layout, calls } = 'explicitBounds' in point ? fromExplicitBounds(point) : fromExponentialBuckets(point);
  const count = [...calls.values()].reduce((sum, bucketCount) => sum + bucketCount, 0);
  const bounds = typeof layout === 'number' ? [] : layout;
  const isValid =
    calls.size <= maxBuckets &&
    [...calls.values()].every((bucketCount) => bucketCount >= 0) &&
    count <= maxCalls &&
    count === (point.count ?? 0) &&
    bounds.every((bound, index) => Number.isFinite(bound) && bound >= (bounds[index - 1] ?? bound));
  if (!isValid) return undefined;
  const { sum, min, max } = point;
  return { count, sum: ifFinite(sum), min: ifFinite(min), max: ifFinite(max), calls, layout };
}

/** Converts a summary, or a histogram with a single bucket for all calls, which only has their number and sum. */
export function toDistributionWithoutBuckets(
  point: Pick<DistributionPoint, 'count' | 'sum'> & Partial<Pick<DistributionPoint, 'min' | 'max' | 'bucketCounts'>>,
): Distribution | undefined {
  const { count = 0, sum, min, max, bucketCounts: [calls = count] = [] } = point;
  if (count < 0 || count > maxCalls || calls !== count) return undefined;
  return { count, sum: ifFinite(sum), min: ifFinite(min), max: ifFinite(max), calls: new Map(), layout: [] };
}

/** Returns the increase from `previous` to `next` of a cumulative stream, or all of `next` if the stream was reset. */
export function increaseOf(previous: Distribution, next: Distribution): Distribution {
  const before = convertLayout(previous, next);
  if (!before || next.count < before.count) return next;
  const calls = new Map([...next.calls].map(([index, count]) => [index, count - (before.calls.get(index) ?? 0)]));
  const hasDecreased = [...before.calls].some(([index, count]) => count > (next.calls.get(index) ?? 0));
  if (hasDecreased) return next;
  const sum = next.sum === undefined ? undefined : next.sum - (before.sum ?? 0);
  return { ...next, calls, count: next.count - before.count, sum };
}

/** Returns the lowest and highest value of a bucket, in the metric's unit. */
export function bucketRange(distribution: Distribution, index: number): readonly [low: number, high: number] {
  const { layout, min, max } = distribution;
  const [low, high] =
    typeof layout === 'number' ? exponentialRange(layout, index) : explicitRange(layout, index, distribution);
  const clamp = (value: number): number => Math.max(min ?? value, Math.min(max ?? value, value));
  return [clamp(low), clamp(high)];
}

/** Reads explicit buckets. */
function fromExplicitBounds(point: DistributionPoint): Pick<Distribution, 'layout' | 'calls'> {
  const { explicitBounds, bucketCounts } = point;
  const isValid = bucketCounts.length === explicitBounds.length + 1 && bucketCounts.length <= maxBuckets;
  return {
    layout: explicitBounds,
    calls: new Map(isValid ? [...bucketCounts.entries()].filter(([, calls]) => calls !== 0) : []),
  };
}

/**
 * Reads exponential buckets. Bucket `i` ranges from `base ** i` to `base ** (i + 1)` with `base = 2 ** 2 ** -scale`; the
 * bucket of zeros has the index minus infinity. It also counts the negative values, since no duration is negative.
 */
function fromExponentialBuckets({
  scale = 0,
  zeroCount = 0,
  positive,
  negative,
}: ExponentialPoint): Pick<Distribution, 'layout' | 'calls'> {
  const { offset = 0, bucketCounts = [] } = positive ?? {};
  const calls = new Map<number, number>();
  const notPositive = (negative?.bucketCounts ?? []).reduce((sum, count) => sum + count, zeroCount);
  if (notPositive !== 0) calls.set(Number.NEGATIVE_INFINITY, notPositive);
  for (const [index, count] of bucketCounts.slice(0, maxBuckets).entries()) {
    if (count !== 0) calls.set(offset + index, count);
  }
  return { layout: scale, calls };
}

/**
 * Converts the previous distribution to the layout of the next one. Returns undefined if the layouts are incompatible:
 * exponential buckets can only become coarser, where each step of the scale merges two buckets.
 */
function convertLayout(previous: Distribution, next: Distribution): Distribution | undefined {
  if (typeof next.layout === 'number') {
    if (typeof previous.layout !== 'number' || previous.layout < next.layout) return undefined;
    const mergedBuckets = 2 ** (previous.layout - next.layout);
    const calls = new Map<number, number>();
    for (const [index, count] of previous.calls) {
      const coarseIndex = Math.floor(index / mergedBuckets);
      calls.set(coarseIndex, (calls.get(coarseIndex) ?? 0) + count);
    }
    return { ...previous, calls };
  }
  const bounds = typeof previous.layout === 'number' ? [] : previous.layout;
  const isSame = bounds.length === next.layout.length && next.layout.every((bound, index) => bound === bounds[index]);
  return isSame ? previous : undefined;
}

function exponentialRange(scale: number, index: number): readonly [number, number] {
  const step = 2 ** -scale;
  return [2 ** (index * step), 2 ** ((index + 1) * step)];
}

/** Open-ended buckets start at zero and end at the maximum. */
function explicitRange(bounds: readonly number[], index: number, { max }: Distribution): readonly [number, number] {
  const low = bounds[index - 1] ?? 0;
  return [Math.max(0, low), Math.max(0, bounds[index] ?? max ?? low)];
}

function ifFinite(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}
