/** Totals of one component: its operations together, its counters and gauges, and its rate over the last ten seconds. */
import type { Batch, GaugeEvent, OperationDelta } from '../../protocol/event.ts';
import { Histogram } from './histogram.ts';
import { addErrorTypes } from './operation-totals.ts';

/** Span over which a rate is told. */
const rateWindowNs = 10e9;

export type Gauge = Pick<GaugeEvent, 'value' | 'unit'>;

export class Component {
  readonly name: string;
  count = 0;
  errors = 0;
  totalNs = 0;
  hits = 0;
  misses = 0;
  readonly errorTypes = new Map<string, number>();
  readonly counters = new Map<string, number>();
  readonly gauges = new Map<string, Gauge>();
  readonly #histogram = new Histogram();
  /** Time and total count at each change within the window, the oldest first. */
  #marks: { readonly atNs: number; readonly count: number }[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** @param nowNs absent where it happened before anyone recorded: it is no part of a rate */
  add(delta: OperationDelta, nowNs: number | undefined): void {
    if (nowNs !== undefined) this.#marks.push({ atNs: nowNs, count: this.count });
    this.count += delta.count;
    this.errors += delta.errors;
    this.totalNs += delta.totalNs;
    this.hits += delta.hits;
    this.misses += delta.misses;
    addErrorTypes(this.errorTypes, delta.errorTypes);
    this.#histogram.add(delta.buckets);
  }

  addCounters(counters: Batch['counters']): void {
    for (const { name, delta } of counters ?? []) this.counters.set(name, (this.counters.get(name) ?? 0) + delta);
  }

  /** p50, p95 and p99 of its calls together, in nanoseconds; nothing while none was timed. */
  percentiles(): readonly [number, number, number] | undefined {
    if (this.#histogram.count === 0) return undefined;
    const [p50 = 0, p95 = 0, p99 = 0] = this.#histogram.valuesAt([50, 95, 99]);
    return [p50, p95, p99];
  }

  /** Operations a second over the last ten seconds, or since the start where the run is younger. */
  ratePerSecond(nowNs: number): number {
    const sinceNs = Math.max(0, nowNs - rateWindowNs);
    while (this.#marks.length > 0 && (this.#marks[0]?.atNs ?? 0) < sinceNs) this.#marks.shift();
    const oldest = this.#marks[0];
    const widthNs = nowNs - sinceNs;
    return oldest && widthNs > 0 ? ((this.count - oldest.count) * 1e9) / widthNs : 0;
  }
}
