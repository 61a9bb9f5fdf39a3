/** Translates metrics into counters, gauges and operations. Cumulative values become increases since the last export. */
import { highestNs } from '../../../protocol/batch/buckets.ts';
import type { NumberPoint, OtlpMetric, PointAttribute, SummaryPoint } from '../decode/otlp-schema.ts';
import {
  bucketRange,
  type Distribution,
  increaseOf,
  toDistribution,
  toDistributionWithoutBuckets,
} from './distribution.ts';
import type { IntervalTotals } from './interval-totals.ts';
import type { OtlpSource } from './otlp-source.ts';
import {
  type DistributionStreamPoint,
  type NumberStreamPoint,
  type StreamBudget,
  type StreamPoint,
  Streams,
  streamKey,
} from './streams.ts';
import { parseUnit, withUnit } from './units.ts';

/** `AGGREGATION_TEMPORALITY_DELTA`. Other values are cumulative. */
const deltaTemporality = 1;
/** `DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK`. */
const noRecordedValue = 1;
/** Maximum number of gauges whose scope is remembered. */
const maxGauges = 2000;
const maxLabelLength = 100;

/** Reasons for dropping data points, as parts of a sentence after the name of the metric. */
const reasons = {
  noValue: 'has points without a finite value.',
  decrease: 'is a sum that can only increase, but has negative increases.',
  inconsistent: 'has histogram points that contradict themselves.',
  tooManyStreams: 'has more sets of attributes than can be kept. Further ones are not recorded.',
  unknownType: 'has a type that is not supported.',
} as const;
type Rejection = keyof typeof reasons;

interface MetricContext {
  readonly component: string;
  readonly scope: string;
  readonly version: string;
  readonly metric: OtlpMetric;
}

type TimedPoint = Pick<NumberPoint, 'startTimeUnixNano' | 'timeUnixNano' | 'flags' | 'attributes'>;

export class MetricTranslator {
  readonly #source: OtlpSource;
  readonly #numbers: Streams<NumberStreamPoint>;
  readonly #distributions: Streams<DistributionStreamPoint>;
  /** Scope that first sent a gauge, by component and name. Others show their scope in the name. */
  readonly #gaugeScopes = new Map<string, string>();
  /** Running sums of histograms that contain negative values. */
  readonly #signedSums = new Map<string, number>();
  #rejected = 0;

  constructor(source: OtlpSource, budget: StreamBudget) {
    this.#source = source;
    this.#numbers = new Streams(budget, () => 0);
    this.#distributions = new Streams(budget, ({ distribution }) => distribution.calls.size);
  }

  /** Adds the metrics of a scope. Returns the number of data points that were dropped. */
  add(scope: string, version: string, metrics: readonly OtlpMetric[]): number {
    this.#rejected = 0;
    for (const metric of metrics) {
      this.#addMetric({ component: this.#source.service ?? scope, scope, version, metric });
    }
    return this.#rejected;
  }

  #addMetric(context: MetricContext): void {
    const { gauge, sum, histogram, exponentialHistogram, summary } = context.metric;
    if (!(gauge ?? sum ?? histogram ?? exponentialHistogram ?? summary)) this.#reject(context, 'unknownType');
    const add = <Point extends TimedPoint>(
      points: readonly Point[] | undefined,
      addPoint: (point: Point) => Rejection | undefined,
    ): void => {
      for (const point of points ?? []) {
        const reason = isRecorded(point) ? addPoint(point) : undefined;
        if (reason) this.#reject(context, reason);
      }
    };
    add(gauge?.dataPoints, (point) => this.#addGauge(context, point));
    add(sum?.dataPoints, (point) => this.#addSum(context, point));
    add(histogram?.dataPoints, (point) =>
      this.#addDistribution(context, point, toDistribution(point), histogram?.aggregationTemporality),
    );
    add(exponentialHistogram?.dataPoints, (point) =>
      this.#addDistribution(context, point, toDistribution(point), exponentialHistogram?.aggregationTemporality),
    );
    add(summary?.dataPoints, (point) => this.#addSummary(context, point));
  }

  #addGauge(context: MetricContext, point: NumberPoint): Rejection | undefined {
    const value = readValue(point);
    if (value === undefined) return 'noValue';
    this.#setGauge(context, point.attributes, value);
    return undefined;
  }

  #setGauge(context: MetricContext, attributes: readonly PointAttribute[], value: number): void {
    const { component, scope, metric } = context;
    const { quantity, factor } = parseUnit(metric.unit);
    const unit = ({ time: 'ns', bytes: 'bytes', ratio: 'ratio', other: '1' } as const)[quantity];
    const name = withAttributes(
      unit === '1' ? withUnit(metric.name, metric.unit) : (metric.name ?? 'gauge'),
      attributes,
    );
    const key = `${component}\0${name}`;
    const firstScope = this.#gaugeScopes.get(key) ?? scope;
    if (this.#gaugeScopes.size < maxGauges) this.#gaugeScopes.set(key, firstScope);
    this.#source.setGauge(component, firstScope === scope ? name : `${name} [${scope}]`, value * factor, unit);
  }

  #addSum(context: MetricContext, point: NumberPoint): Rejection | undefined {
    const value = readValue(point);
    if (value === undefined) return 'noValue';
    const { aggregationTemporality, isMonotonic } = context.metric.sum ?? {};
    const isDelta = aggregationTemporality === deltaTemporality;
    if (isMonotonic && isDelta) return this.#addToCounter(context, value);
    const key = keyOf(context, point);
    const previous = this.#numbers.get(key);
    const next = { ...timesOf(point), value: isDelta ? (previous?.value ?? 0) + value : value };
    if (!isDelta && isStale(previous, next)) return undefined;
    const replaced = this.#numbers.replace(key, next);
    if (!replaced.isKept) return 'tooManyStreams';
    if (!isMonotonic) {
      this.#setGauge(context, point.attributes, next.value);
      return undefined;
    }
    const { before } = replaced;
    const isContinued = before?.startNs === next.startNs && value >= before.value;
    return this.#addToCounter(context, isContinued ? value - before.value : value);
  }

  #addToCounter(context: MetricContext, increase: number): Rejection | undefined {
    const { component, metric } = context;
    if (increase < 0) return 'decrease';
    this.#source.addToCounter(component, withUnit(metric.name, metric.unit), increase);
    return undefined;
  }

  #addSummary(context: MetricContext, point: SummaryPoint): Rejection | undefined {
    for (const { quantile, value } of point.quantileValues) {
      if (quantile === undefined || value === undefined || !Number.isFinite(value)) continue;
      const label = { key: 'quantile', value: { doubleValue: quantile } } as PointAttribute;
      this.#setGauge(context, [...point.attributes, label], value);
    }
    return this.#addDistribution(context, point, toDistributionWithoutBuckets(point), undefined);
  }

  #addDistribution(
    context: MetricContext,
    point: TimedPoint,
    distribution: Distribution | undefined,
    temporality: number | undefined,
  ): Rejection | undefined {
    if (!distribution) return 'inconsistent';
    if (temporality === deltaTemporality) return this.#addIncrease(context, distribution);
    const key = keyOf(context, point);
    const next = { ...timesOf(point), distribution };
    if (isStale(this.#distributions.get(key), next)) return undefined;
    const replaced = this.#distributions.replace(key, next);
    if (!replaced.isKept) return 'tooManyStreams';
    const { before } = replaced;
    const isContinued = before?.startNs === next.startNs;
    return this.#addIncrease(context, isContinued ? increaseOf(before.distribution, distribution) : distribution);
  }

  /** Records a histogram of durations as an operation, and any other histogram as its count and sum. */
  #addIncrease(context: MetricContext, increase: Distribution): Rejection | undefined {
    const { component, metric } = context;
    const { quantity, factor } = parseUnit(metric.unit);
    if (quantity !== 'time') return this.#addCountAndSum(context, increase);
    if (increase.count === 0) return undefined;
    // A separate component, because a call that is both in a span and in a histogram would otherwise count twice.
    const name = metric.name ?? 'histogram';
    const { totals } = this.#source.operation(`${component} metrics`, name, () => ({ kind: 'stage' }));
    recordDurations(totals, increase, factor);
    return undefined;
  }

  /** A sum with negative values can fall, so it is a gauge. */
  #addCountAndSum(context: MetricContext, { count, sum = 0, min = 0 }: Distribution): Rejection | undefined {
    const { component, metric } = context;
    const { name = 'histogram', unit } = metric;
    this.#source.addToCounter(component, `${name}.count`, count);
    const sumName = `${name}.sum`;
    const key = `${component}\0${sumName}`;
    const signedSum = this.#signedSums.get(key);
    if (signedSum === undefined && sum >= 0 && min >= 0) {
      this.#source.addToCounter(component, withUnit(sumName, unit), sum);
      return undefined;
    }
    if (signedSum === undefined && this.#signedSums.size >= maxGauges) return 'tooManyStreams';
    this.#signedSums.set(key, (signedSum ?? 0) + sum);
    this.#setGauge({ ...context, metric: { ...metric, name: sumName } }, [], (signedSum ?? 0) + sum);
    return undefined;
  }

  #reject({ metric }: MetricContext, reason: Rejection): void {
    this.#rejected++;
    this.#source.drop({ values: 1 }, `The metric “${(metric.name ?? '').slice(0, maxLabelLength)}” ${reasons[reason]}`);
  }
}

/** Spreads the calls of each bucket over its range. Without buckets, only the number of calls and their sum are known. */
function recordDurations(totals: IntervalTotals, increase: Distribution, factor: number): void {
  const { count, sum, min, max, calls } = increase;
  let estimatedNs = 0;
  for (const [index, bucketCalls] of calls) {
    const [lowNs, highNs] = bucketRange(increase, index).map((value) => clampDuration(value * factor)) as [
      number,
      number,
    ];
    estimatedNs += ((lowNs + highNs) / 2) * bucketCalls;
    totals.recordRange(lowNs, highNs, bucketCalls);
  }
  totals.addTime(sum !== undefined && sum >= 0 ? sum * factor : estimatedNs);
  if (calls.size === 0) {
    totals.addCalls(count);
    return;
  }
  if (min !== undefined) totals.includeDuration(clampDuration(min * factor));
  if (max !== undefined) totals.includeDuration(clampDuration(max * factor));
}

function clampDuration(ns: number): number {
  return Math.min(Math.max(0, ns), highestNs);
}

/** Returns false for a point that only marks that a stream has no value any more. */
function isRecorded({ flags = 0 }: Pick<NumberPoint, 'flags'>): boolean {
  return (flags & noRecordedValue) === 0;
}

function readValue({ asInt, asDouble }: NumberPoint): number | undefined {
  const value = asInt ?? asDouble;
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

function keyOf({ scope, version, metric }: MetricContext, { attributes }: TimedPoint): string {
  return streamKey(`${scope}\0${version}`, metric, attributes);
}

function timesOf({ startTimeUnixNano = 0n, timeUnixNano = 0n }: TimedPoint): StreamPoint {
  return { startNs: startTimeUnixNano, timeNs: timeUnixNano };
}

/** Returns true for a cumulative value that is older than one already received, which includes it. */
function isStale(previous: StreamPoint | undefined, next: StreamPoint): boolean {
  if (!previous || next.startNs !== previous.startNs || next.timeNs === 0n) return false;
  return next.timeNs < previous.timeNs;
}

/** Appends the attributes to a metric's name in the style of Prometheus. */
function withAttributes(name: string, attributes: readonly PointAttribute[]): string {
  if (attributes.length === 0) return name;
  const labels = attributes.map(({ key, value }) => {
    const scalar = Object.values(value ?? {}).find((candidate) => candidate !== undefined);
    return `${key}=${typeof scalar === 'object' ? JSON.stringify(scalar) : scalar}`.slice(0, maxLabelLength);
  });
  return `${name}{${labels.sort().join(',')}}`;
}
