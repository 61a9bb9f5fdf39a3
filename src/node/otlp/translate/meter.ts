/** Metrics as counters, gauges and operations; what a sender tells as running totals becomes what is new since the last. */

import type { Attribute, Metric, NumberPoint } from '../decode/otlp-schema.ts';
import { short } from './attributes.ts';
import { type Distribution, distributionOf, gainOf, rangeOf } from './distribution.ts';
import type { Source } from './otlp-source.ts';

/** `AGGREGATION_TEMPORALITY_DELTA`; the other one is a running total. */
const delta = 1;
/** `DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK`. */
const noValue = 1;
/** Streams (a metric with one set of attributes) whose last state is remembered; those beyond are left out. */
const streamsKept = 2000;

/** Nanoseconds of one, by UCUM unit. */
const durations: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, min: 60e9, h: 3600e9 };

interface Total {
  readonly startNs: bigint;
  readonly value: number;
}

export class Meter {
  readonly #source: Source;
  readonly #totals = new Map<string, Total>();
  readonly #distributions = new Map<string, Distribution>();

  constructor(source: Source) {
    this.#source = source;
  }

  /** Adds metrics of one scope; returns the number of points that were left out. */
  add(scope: string, metrics: readonly Metric[]): number {
    const component = this.#source.service ?? scope;
    let rejected = 0;
    for (const metric of metrics) {
      for (const point of metric.gauge?.dataPoints ?? []) rejected += this.#addGauge(component, metric, point);
      for (const point of metric.sum?.dataPoints ?? []) rejected += this.#addSum(component, metric, point);
      rejected += this.#addDistributions(component, metric);
    }
    return rejected;
  }

  #addGauge(component: string, { name, unit }: Metric, point: NumberPoint): number {
    const value = numberOf(point);
    if (value === undefined) return 1;
    const told = gaugeUnit(unit);
    const called = told.unit === '1' ? withUnit(name, unit) : (name ?? 'gauge');
    this.#source.gauge(component, withAttributes(called, point.attributes), value * told.factor, told.unit);
    return 0;
  }

  #addSum(component: string, metric: Metric, point: NumberPoint): number {
    const value = numberOf(point);
    const { aggregationTemporality, isMonotonic } = metric.sum ?? {};
    if (value === undefined) return 1;
    const stream = streamOf(component, metric, point.attributes);
    const isDelta = aggregationTemporality === delta;
    if (isMonotonic && isDelta) return this.#count(component, metric, value);
    const before = this.#totals.get(stream);
    const next = { startNs: point.startTimeUnixNano ?? 0n, value };
    if (!before && this.#totals.size >= streamsKept) return 1;
    if (!isMonotonic) {
      const level = isDelta ? (before?.value ?? 0) + value : value;
      this.#totals.set(stream, { ...next, value: level });
      return this.#addGauge(component, metric, { ...point, asInt: undefined, asDouble: level });
    }
    this.#totals.set(stream, next);
    const continues = before && before.startNs === next.startNs && value >= before.value;
    return this.#count(component, metric, continues ? value - before.value : value);
  }

  #count(component: string, { name, unit }: Pick<Metric, 'name' | 'unit'>, gain: number): number {
    if (gain < 0) return 1;
    this.#source.count(component, withUnit(name, unit), gain);
    return 0;
  }

  #addDistributions(component: string, metric: Metric): number {
    const { histogram, exponentialHistogram } = metric;
    const temporality = (histogram ?? exponentialHistogram)?.aggregationTemporality;
    const points = [...(histogram?.dataPoints ?? []), ...(exponentialHistogram?.dataPoints ?? [])];
    let rejected = 0;
    for (const point of points) {
      const next = isUntold(point.flags) ? undefined : distributionOf(point);
      const stream = streamOf(component, metric, point.attributes);
      const before = this.#distributions.get(stream);
      if (!next || (!before && this.#distributions.size >= streamsKept)) {
        rejected++;
        continue;
      }
      if (temporality === delta) this.#observe(component, metric, next);
      else {
        this.#distributions.set(stream, next);
        this.#observe(component, metric, gainOf(before, next));
      }
    }
    return rejected;
  }

  #observe(component: string, metric: Metric, gain: Distribution): void {
    const { name = 'histogram', unit = '' } = metric;
    const factor = durations[unit];
    if (factor === undefined) {
      this.#count(component, { name: `${name}.count`, unit: '1' }, gain.count);
      this.#count(component, { name: `${name}.sum`, unit }, gain.sum ?? 0);
      return;
    }
    if (gain.count === 0) return;
    // A component of its own: what is a span and in a histogram too would count twice in one.
    const { totals } = this.#source.operation(`${component} metrics`, name, () => ({ kind: 'stage' }));
    let middles = 0;
    for (const [index, calls] of gain.calls) {
      const [low, high] = rangeOf(gain, index);
      const [lowNs, highNs] = [capped(low * factor), capped(high * factor)];
      middles += ((lowNs + highNs) / 2) * calls;
      totals.estimate(lowNs, highNs, calls);
    }
    totals.spend(gain.sum !== undefined && gain.sum >= 0 ? gain.sum * factor : middles);
    if (gain.min !== undefined) totals.reach(capped(gain.min * factor));
    if (gain.max !== undefined) totals.reach(capped(gain.max * factor));
  }
}

/** Where the bucket layout ends. */
const longestNs = 3600e9;

function capped(ns: number): number {
  return Math.min(Math.max(0, ns), longestNs);
}

function isUntold(flags: number | undefined): boolean {
  return ((flags ?? 0) & noValue) !== 0;
}

function numberOf({ asInt, asDouble, flags }: NumberPoint): number | undefined {
  const value = asInt ?? asDouble;
  return value !== undefined && Number.isFinite(value) && !isUntold(flags) ? value : undefined;
}

function gaugeUnit(unit: string | undefined): { readonly unit: string; readonly factor: number } {
  const factor = durations[unit ?? ''];
  if (factor !== undefined) return { unit: 'ns', factor };
  if (unit === 'By') return { unit: 'bytes', factor: 1 };
  return unit === '%' ? { unit: 'ratio', factor: 0.01 } : { unit: '1', factor: 1 };
}

function streamOf(component: string, { name = '' }: Metric, attributes: readonly Attribute[]): string {
  return short(`${component}\0${withAttributes(name, attributes)}`, 2000);
}

/** A number does not travel without its unit; `1` and remarks in braces are none. */
function withUnit(name = 'metric', unit = ''): string {
  return /^(1|\{.*\})?$/.test(unit) ? name : `${name} (${unit})`;
}

/** A metric's name, told apart by its attributes in the manner of Prometheus. */
function withAttributes(name: string, attributes: readonly Attribute[]): string {
  if (attributes.length === 0) return name;
  const told = attributes.map(
    ({ key, value }) => `${key}=${Object.values(value ?? {}).find((one) => one !== undefined)}`,
  );
  return `${name}{${told.sort().join(',')}}`;
}
