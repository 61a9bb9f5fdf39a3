/** Totals of one component: all of its operations, its counters and gauges, and its rate over the last ten seconds. */
import type { CounterDelta, GaugeEvent, OperationDelta } from '../../../protocol/batch/batch.ts';
import { finite, SampleSum } from '../../../protocol/batch/operation-delta.ts';
import { CallTotals } from '../call-totals.ts';
import { GaugeTotals } from '../levels/gauge-totals.ts';
import type { RecorderBudgets } from '../recorder-budgets.ts';
import { RateWindow } from '../series/rate-window.ts';

export class ComponentTotals extends CallTotals {
  readonly name: string;
  readonly counters = new Map<string, number>();
  readonly gauges = new Map<string, GaugeTotals>();
  /** Stack samples of all operations. */
  readonly sampled = new SampleSum();
  /** Calls in progress. */
  active = 0;
  readonly #budgets: RecorderBudgets;
  readonly #rate = new RateWindow();

  constructor(name: string, budgets: RecorderBudgets) {
    super(budgets);
    this.name = name;
    this.#budgets = budgets;
  }

  /** @param nowNs undefined if the calls happened before the host connected; they do not count in the rate then */
  add(delta: OperationDelta, nowNs: number | undefined): void {
    if (nowNs !== undefined) this.#rate.add(delta.count, nowNs);
    this.addCalls(delta);
  }

  /** Returns false if there is no room for another counter. */
  addCounter({ name, delta }: CounterDelta): boolean {
    const previous = this.counters.get(name);
    if (previous === undefined && !this.#budgets.counters.takeEntry(name)) return false;
    this.counters.set(name, finite((previous ?? 0) + delta));
    return true;
  }

  /** Sets the value that a source reports. Returns false if there is no room for it. */
  setGauge(source: string, event: GaugeEvent): boolean {
    const { name, unit } = event;
    const previous = this.gauges.get(name);
    if (previous?.unit !== unit && !this.#budgets.gauges.takeEntry(name, unit)) return false;
    const gauge = previous ?? new GaugeTotals(event, this.#budgets.gauges);
    if (!gauge.set(source, event)) return false;
    this.gauges.set(name, gauge);
    return true;
  }

  /** Removes the values of a source that has ended from the gauges. */
  endSource(source: string): void {
    for (const gauge of this.gauges.values()) gauge.endSource(source);
  }

  /** Returns operations per second over the last ten seconds, or over the whole run if it is shorter. */
  ratePerSecond(nowNs: number): number {
    return this.#rate.perSecond(nowNs);
  }
}
