/** Converts both kinds of OpenTelemetry histograms to one form and computes the increase between two of them. */
import type { DistributionPoint, ExponentialPoint } from '../decode/otlp-schema.ts';

/** Limits of a data point. A point beyond them is rejected as implausible. */
const maxBuckets = 20_000;
const maxCalls = 2 ** 48;

export interface Distribution {
  readonly startNs: bigint;
  readonly count: number;
  /** In the metric's unit. */
  readonly sum: number | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** Number of calls by bucket index. */
  readonly calls: ReadonlyMap<number, number>;
  /** Meaning of the bucket indices: explicit bounds, or the scale of exponential buckets. */
  readonly layout: readonly number[] | number;
}

/** Converts a data point. Returns undefined if it is inconsistent. */
export function toDistribution(point: DistributionPoint | ExponentialPoint): Distribution | undefined {
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
  const { startTimeUnixNano = 0n, sum, min, max } = point;
  return {
    startNs: startTimeUnixNano,
    count,
    sum: ifFinite(sum),
    min: ifFinite(min),
    max: ifFinite(max),
    calls,
    layout,
  };
}

/** Returns the increase from `previous` to `next` of a cumulative stream, or all of `next` if the stream was reset. */
export function increaseOf(previous: Distribution | undefined, next: Distribution): Distribution {
  const before = previous && convertLayout(previous, next);
  if (!before || before.startNs !== next.startNs) return next;
  const calls = new Map([...next.calls].map(([index, count]) => [index, count - (before.calls.get(index) ?? 0)]));
  const hasDecreased = [...before.calls].some(([index, count]) => count > (next.calls.get(index) ?? 0));
  if (hasDecreased) return next;
  const sum = next.sum === undefined ? undefined : Math.max(0, next.sum - (before.sum ?? 0));
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

/** Reads explicit buckets. A histogram without buckets has a single one for all calls. */
function fromExplicitBounds(point: DistributionPoint): Pick<Distribution, 'layout' | 'calls'> {
  const { explicitBounds, bucketCounts, count = 0 } = point;
  const counts = bucketCounts.length + explicitBounds.length === 0 ? [count] : bucketCounts;
  const isValid = counts.length === explicitBounds.length + 1 && counts.length <= maxBuckets;
  return {
    layout: explicitBounds,
    calls: new Map(isValid ? [...counts.entries()].filter(([, calls]) => calls !== 0) : []),
  };
}

/**
 * Reads exponential buckets. Bucket `i` ranges from `base ** i` to `base ** (i + 1)` with `base = 2 ** 2 ** -scale`; the
 * bucket of zeros has the index minus infinity.
 */
function fromExponentialBuckets({
  scale = 0,
  zeroCount = 0,
  positive,
}: ExponentialPoint): Pick<Distribution, 'layout' | 'calls'> {
  const { offset = 0, bucketCounts = [] } = positive ?? {};
  const calls = new Map<number, number>();
  if (zeroCount !== 0) calls.set(Number.NEGATIVE_INFINITY, zeroCount);
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

/** Open-ended buckets start at zero and end at the maximum. A single bucket for all calls has the mean as its range. */
function explicitRange(
  bounds: readonly number[],
  index: number,
  { sum = 0, count, max }: Distribution,
): readonly [number, number] {
  if (bounds.length === 0) return [sum / count, sum / count];
  const low = bounds[index - 1] ?? 0;
  return [Math.max(0, low), Math.max(0, bounds[index] ?? max ?? low)];
}

function ifFinite(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}
