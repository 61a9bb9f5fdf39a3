/** Translates metrics into counters, gauges and operations. Cumulative values become increases since the last export. */
import type { NumberPoint, OtlpAttribute, OtlpMetric } from '../decode/otlp-schema.ts';
import { truncate } from './attributes.ts';
import { bucketRange, type Distribution, increaseOf, toDistribution } from './distribution.ts';
import type { OtlpSource } from './otlp-source.ts';

/** `AGGREGATION_TEMPORALITY_DELTA`. Other values are cumulative. */
const deltaTemporality = 1;
/** `DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK`. */
const noRecordedValue = 1;
/** Maximum number of cumulative streams (a metric with one set of attributes). Points of further streams are dropped. */
const maxStreams = 2000;
const maxStreamKeyLength = 2000;

/** Nanoseconds in a unit of time, by UCUM code. */
const nanosecondsByUnit: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, min: 60e9, h: 3600e9 };

interface CumulativeValue {
  readonly startNs: bigint;
  readonly value: number;
}

export class MetricTranslator {
  readonly #source: OtlpSource;
  readonly #lastValues = new Map<string, CumulativeValue>();
  readonly #lastDistributions = new Map<string, Distribution>();

  constructor(source: OtlpSource) {
    this.#source = source;
  }

  /** Adds the metrics of a scope. Returns the number of data points that were dropped. */
  add(scope: string, metrics: readonly OtlpMetric[]): number {
    const component = this.#source.service ?? scope;
    let rejected = 0;
    for (const metric of metrics) {
      for (const point of metric.gauge?.dataPoints ?? []) rejected += this.#addGauge(component, metric, point);
      for (const point of metric.sum?.dataPoints ?? []) rejected += this.#addSum(component, metric, point);
      rejected += this.#addDistributions(component, metric);
    }
    return rejected;
  }

  #addGauge(component: string, { name, unit }: OtlpMetric, point: NumberPoint): number {
    const value = readValue(point);
    if (value === undefined) return 1;
    const converted = convertUnit(unit);
    const gaugeName = converted.unit === '1' ? withUnit(name, unit) : (name ?? 'gauge');
    this.#source.setGauge(
      component,
      withAttributes(gaugeName, point.attributes),
      value * converted.factor,
      converted.unit,
    );
    return 0;
  }

  #addSum(component: string, metric: OtlpMetric, point: NumberPoint): number {
    const value = readValue(point);
    const { aggregationTemporality, isMonotonic } = metric.sum ?? {};
    if (value === undefined) return 1;
    const stream = streamKey(component, metric, point.attributes);
    const isDelta = aggregationTemporality === deltaTemporality;
    if (isMonotonic && isDelta) return this.#addToCounter(component, metric, value);
    const before = this.#lastValues.get(stream);
    const next = { startNs: point.startTimeUnixNano ?? 0n, value };
    if (!before && this.#lastValues.size >= maxStreams) return 1;
    if (!isMonotonic) {
      const level = isDelta ? (before?.value ?? 0) + value : value;
      this.#lastValues.set(stream, { ...next, value: level });
      return this.#addGauge(component, metric, { ...point, asInt: undefined, asDouble: level });
    }
    this.#lastValues.set(stream, next);
    const isContinued = before && before.startNs === next.startNs && value >= before.value;
    return this.#addToCounter(component, metric, isContinued ? value - before.value : value);
  }

  #addToCounter(component: string, { name, unit }: Pick<OtlpMetric, 'name' | 'unit'>, increase: number): number {
    if (increase < 0) return 1;
    this.#source.addToCounter(component, withUnit(name, unit), increase);
    return 0;
  }

  #addDistributions(component: string, metric: OtlpMetric): number {
    const { histogram, exponentialHistogram } = metric;
    const temporality = (histogram ?? exponentialHistogram)?.aggregationTemporality;
    const points = [...(histogram?.dataPoints ?? []), ...(exponentialHistogram?.dataPoints ?? [])];
    let rejected = 0;
    for (const point of points) {
      const next = hasNoValue(point.flags) ? undefined : toDistribution(point);
      const stream = streamKey(component, metric, point.attributes);
      const before = this.#lastDistributions.get(stream);
      if (!next || (!before && this.#lastDistributions.size >= maxStreams)) {
        rejected++;
        continue;
      }
      if (temporality === deltaTemporality) this.#addIncrease(component, metric, next);
      else {
        this.#lastDistributions.set(stream, next);
        this.#addIncrease(component, metric, increaseOf(before, next));
      }
    }
    return rejected;
  }

  /** Records a histogram of durations as an operation, and any other histogram as counters of its count and sum. */
  #addIncrease(component: string, metric: OtlpMetric, increase: Distribution): void {
    const { name = 'histogram', unit = '' } = metric;
    const factor = nanosecondsByUnit[unit];
    if (factor === undefined) {
      this.#addToCounter(component, { name: `${name}.count`, unit: '1' }, increase.count);
      this.#addToCounter(component, { name: `${name}.sum`, unit }, increase.sum ?? 0);
      return;
    }
    if (increase.count === 0) return;
    // A separate component, because a call that is both in a span and in a histogram would otherwise count twice.
    const { totals } = this.#source.operation(`${component} metrics`, name, () => ({ kind: 'stage' }));
    let estimatedNs = 0;
    for (const [index, calls] of increase.calls) {
      const [low, high] = bucketRange(increase, index);
      const [lowNs, highNs] = [clampDuration(low * factor), clampDuration(high * factor)];
      estimatedNs += ((lowNs + highNs) / 2) * calls;
      totals.recordRange(lowNs, highNs, calls);
    }
    totals.addTime(increase.sum !== undefined && increase.sum >= 0 ? increase.sum * factor : estimatedNs);
    if (increase.min !== undefined) totals.includeDuration(clampDuration(increase.min * factor));
    if (increase.max !== undefined) totals.includeDuration(clampDuration(increase.max * factor));
  }
}

/** Upper end of the bucket layout. */
const maxDurationNs = 3600e9;

function clampDuration(ns: number): number {
  return Math.min(Math.max(0, ns), maxDurationNs);
}

function hasNoValue(flags: number | undefined): boolean {
  return ((flags ?? 0) & noRecordedValue) !== 0;
}

function readValue({ asInt, asDouble, flags }: NumberPoint): number | undefined {
  const value = asInt ?? asDouble;
  return value !== undefined && Number.isFinite(value) && !hasNoValue(flags) ? value : undefined;
}

/** Returns the unit in which a gauge is shown and the factor that converts to it. */
function convertUnit(unit: string | undefined): { readonly unit: string; readonly factor: number } {
  const factor = nanosecondsByUnit[unit ?? ''];
  if (factor !== undefined) return { unit: 'ns', factor };
  if (unit === 'By') return { unit: 'bytes', factor: 1 };
  return unit === '%' ? { unit: 'ratio', factor: 0.01 } : { unit: '1', factor: 1 };
}

function streamKey(component: string, { name = '' }: OtlpMetric, attributes: readonly OtlpAttribute[]): string {
  return truncate(`${component}\0${withAttributes(name, attributes)}`, maxStreamKeyLength);
}

/** Appends the unit to a name, unless it is dimensionless: `1` or an annotation in braces. */
function withUnit(name = 'metric', unit = ''): string {
  return /^(1|\{.*\})?$/.test(unit) ? name : `${name} (${unit})`;
}

/** Appends the attributes to a metric's name in the style of Prometheus. */
function withAttributes(name: string, attributes: readonly OtlpAttribute[]): string {
  if (attributes.length === 0) return name;
  const labels = attributes.map(
    ({ key, value }) => `${key}=${Object.values(value ?? {}).find((scalar) => scalar !== undefined)}`,
  );
  return `${name}{${labels.sort().join(',')}}`;
}
