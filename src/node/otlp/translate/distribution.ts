/** Histograms, with bounds told or by powers, as one shape: calls by range, of which what is new can be found. */
import type { DistributionPoint, ExponentialPoint } from '../decode/otlp-schema.ts';

/** Buckets of one point, and calls of one point, beyond which it is not believed. */
const mostBuckets = 20_000;
const mostCalls = 2 ** 48;

export interface Distribution {
  readonly startNs: bigint;
  readonly count: number;
  /** In the metric's unit. */
  readonly sum: number | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** Calls by index of the bucket. */
  readonly calls: ReadonlyMap<number, number>;
  /** What the indices mean: the bounds, or the scale of the powers. */
  readonly layout: readonly number[] | number;
}

/** The point as a distribution; nothing where it contradicts itself. */
export function distributionOf(point: DistributionPoint | ExponentialPoint): Distribution | undefined {
  const { layout, calls } = 'explicitBounds' in point ? boundedOf(point) : poweredOf(point);
  const count = [...calls.values()].reduce((sum, one) => sum + one, 0);
  const bounds = typeof layout === 'number' ? [] : layout;
  const believed =
    calls.size <= mostBuckets &&
    [...calls.values()].every((one) => one >= 0) &&
    count <= mostCalls &&
    count === (point.count ?? 0) &&
    bounds.every((bound, index) => Number.isFinite(bound) && bound >= (bounds[index - 1] ?? bound));
  if (!believed) return undefined;
  const { startTimeUnixNano = 0n, sum, min, max } = point;
  return { startNs: startTimeUnixNano, count, sum: finite(sum), min: finite(min), max: finite(max), calls, layout };
}

/** What `next` has beyond `previous` of the same stream; all of it where the stream began anew. */
export function gainOf(previous: Distribution | undefined, next: Distribution): Distribution {
  const before = previous && alike(previous, next);
  if (!before || before.startNs !== next.startNs) return next;
  const calls = new Map([...next.calls].map(([index, count]) => [index, count - (before.calls.get(index) ?? 0)]));
  const isLess = [...before.calls].some(([index, count]) => count > (next.calls.get(index) ?? 0));
  if (isLess) return next;
  const sum = next.sum === undefined ? undefined : Math.max(0, next.sum - (before.sum ?? 0));
  return { ...next, calls, count: next.count - before.count, sum };
}

/** Lowest and highest value of a bucket, in the metric's unit. */
export function rangeOf(distribution: Distribution, index: number): readonly [low: number, high: number] {
  const { layout, min, max } = distribution;
  const [low, high] = typeof layout === 'number' ? powersAt(layout, index) : boundsAt(layout, index, distribution);
  const within = (value: number): number => Math.max(min ?? value, Math.min(max ?? value, value));
  return [within(low), within(high)];
}

/** A histogram may tell no buckets at all: then there is one range for all calls. */
function boundedOf(point: DistributionPoint): Pick<Distribution, 'layout' | 'calls'> {
  const { explicitBounds, bucketCounts, count = 0 } = point;
  const counts = bucketCounts.length + explicitBounds.length === 0 ? [count] : bucketCounts;
  const fits = counts.length === explicitBounds.length + 1 && counts.length <= mostBuckets;
  return {
    layout: explicitBounds,
    calls: new Map(fits ? [...counts.entries()].filter(([, calls]) => calls !== 0) : []),
  };
}

/** Index `i` is the range from `base ** i` to `base ** (i + 1)`, with base `2 ** 2 ** -scale`; zeros are minus infinity. */
function poweredOf({ scale = 0, zeroCount = 0, positive }: ExponentialPoint): Pick<Distribution, 'layout' | 'calls'> {
  const { offset = 0, bucketCounts = [] } = positive ?? {};
  const calls = new Map<number, number>();
  if (zeroCount !== 0) calls.set(Number.NEGATIVE_INFINITY, zeroCount);
  for (const [index, count] of bucketCounts.slice(0, mostBuckets).entries()) {
    if (count !== 0) calls.set(offset + index, count);
  }
  return { layout: scale, calls };
}

/** The previous one in the layout of the next, where that can be: powers grow coarser, by halves of their scale. */
function alike(previous: Distribution, next: Distribution): Distribution | undefined {
  if (typeof next.layout === 'number') {
    if (typeof previous.layout !== 'number' || previous.layout < next.layout) return undefined;
    const width = 2 ** (previous.layout - next.layout);
    const calls = new Map<number, number>();
    for (const [index, count] of previous.calls) {
      const coarse = Math.floor(index / width);
      calls.set(coarse, (calls.get(coarse) ?? 0) + count);
    }
    return { ...previous, calls };
  }
  const bounds = typeof previous.layout === 'number' ? [] : previous.layout;
  const same = bounds.length === next.layout.length && next.layout.every((bound, index) => bound === bounds[index]);
  return same ? previous : undefined;
}

function powersAt(scale: number, index: number): readonly [number, number] {
  const step = 2 ** -scale;
  return [2 ** (index * step), 2 ** ((index + 1) * step)];
}

/** The first range has no lower bound but zero, the last no upper one but the maximum; a single range has the mean. */
function boundsAt(
  bounds: readonly number[],
  index: number,
  { sum = 0, count, max }: Distribution,
): readonly [number, number] {
  if (bounds.length === 0) return [sum / count, sum / count];
  const low = bounds[index - 1] ?? 0;
  return [Math.max(0, low), Math.max(0, bounds[index] ?? max ?? low)];
}

function finite(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}
