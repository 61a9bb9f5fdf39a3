/** Remembers the last value of each cumulative stream, so that the next one yields an increase. */
import { createHash } from 'node:crypto';
import type { OtlpMetric, PointAttribute } from '../decode/otlp-schema.ts';
import type { Distribution } from './distribution.ts';

/** Limits for all service instances of a receiver together. */
const maxStreams = 20_000;
/** A bucket takes about 50 bytes. */
const maxBuckets = 1_000_000;

/** Cumulative value of a stream at a time. */
export interface StreamPoint {
  /** Time at which the value was zero. */
  readonly startNs: bigint;
  /** Time of the value; 0 if the sender does not report it. */
  readonly timeNs: bigint;
}

export interface NumberStreamPoint extends StreamPoint {
  readonly value: number;
}

export interface DistributionStreamPoint extends StreamPoint {
  readonly distribution: Distribution;
}

/** Maximum numbers of streams and of histogram buckets that several `Streams` keep together. */
export class StreamBudget {
  #streams = maxStreams;
  #buckets = maxBuckets;

  /** Takes a stream or buckets out of the budget. Returns false, and takes nothing, if there is not enough left. */
  take({ streams, buckets }: { readonly streams: number; readonly buckets: number }): boolean {
    if (this.#streams < streams || this.#buckets < buckets) return false;
    this.#streams -= streams;
    this.#buckets -= buckets;
    return true;
  }
}

type Replaced<Point> = { readonly isKept: true; readonly before: Point | undefined } | { readonly isKept: false };

export class Streams<Point extends StreamPoint> {
  readonly #points = new Map<string, Point>();
  readonly #budget: StreamBudget;
  readonly #bucketsOf: (point: Point) => number;

  /** @param bucketsOf returns the number of histogram buckets that a point keeps in memory */
  constructor(budget: StreamBudget, bucketsOf: (point: Point) => number) {
    this.#budget = budget;
    this.#bucketsOf = bucketsOf;
  }

  get(key: string): Point | undefined {
    return this.#points.get(key);
  }

  /** Replaces the point of a stream and returns the previous one. Keeps nothing if there are too many streams. */
  replace(key: string, point: Point): Replaced<Point> {
    const before = this.#points.get(key);
    const buckets = this.#bucketsOf(point) - (before ? this.#bucketsOf(before) : 0);
    if (!this.#budget.take({ streams: before ? 0 : 1, buckets })) return { isKept: false };
    this.#points.set(key, point);
    return { isKept: true, before };
  }
}

/**
 * Returns a key that identifies a stream: scope, metric and the set of attributes, as in OpenTelemetry's data model. It is
 * a hash, because attributes can be long and a key is kept for each stream.
 */
export function streamKey(
  scope: string,
  { name = '', unit = '' }: OtlpMetric,
  attributes: readonly PointAttribute[],
): string {
  const pairs = attributes.map(({ key, value }) => JSON.stringify([key, value])).sort();
  return createHash('sha1')
    .update(JSON.stringify([scope, name, unit, pairs]))
    .digest('base64');
}
