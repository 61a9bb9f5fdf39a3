/** Totals of one component: all of its operations, its counters and gauges, and its rate over the last ten seconds. */
import type { CounterDelta, GaugeEvent, OperationDelta } from '../../protocol/batch/batch.ts';
import { CallTotals } from './call-totals.ts';

const rateWindowNs = 10e9;

type GaugeValue = Pick<GaugeEvent, 'value' | 'unit'>;

export class ComponentTotals extends CallTotals {
  readonly name: string;
  readonly counters = new Map<string, number>();
  readonly gauges = new Map<string, GaugeValue>();
  /** Time of each change within the window and the total count before it, the oldest first. */
  #marks: { readonly atNs: number; readonly count: number }[] = [];

  constructor(name: string) {
    super();
    this.name = name;
  }

  /** @param nowNs undefined if the calls happened before the host connected; they do not count in the rate then */
  add(delta: OperationDelta, nowNs: number | undefined): void {
    if (nowNs !== undefined) this.#marks.push({ atNs: nowNs, count: this.count });
    this.addCalls(delta);
  }

  addCounter({ name, delta }: CounterDelta): void {
    this.counters.set(name, (this.counters.get(name) ?? 0) + delta);
  }

  /** Returns operations per second over the last ten seconds, or over the whole run if it is shorter. */
  ratePerSecond(nowNs: number): number {
    const sinceNs = Math.max(0, nowNs - rateWindowNs);
    while (this.#marks.length > 0 && (this.#marks[0]?.atNs ?? 0) < sinceNs) this.#marks.shift();
    const oldest = this.#marks[0];
    const widthNs = nowNs - sinceNs;
    return oldest && widthNs > 0 ? ((this.count - oldest.count) * 1e9) / widthNs : 0;
  }
}
