/** Current value of one gauge of a run, made of the values that its threads and processes report. */
import type { GaugeEvent, GaugeRule } from '../../../protocol/batch/batch.ts';
import type { MemoryBudget } from '../../../protocol/batch/memory-budget.ts';
import { finite } from '../../../protocol/batch/operation-delta.ts';
import type { GaugeState } from '../../../protocol/snapshot.ts';

/** Rules for gauges whose program names none. Values of other units, such as degrees, cannot be added. */
const ruleByUnit: ReadonlyMap<string, GaugeRule> = new Map([
  ['1', 'sum'],
  ['bytes', 'sum'],
  ['ratio', 'max'],
  ['ns', 'max'],
]);

/** Estimated size of the value of one source. */
const valueBytes = 100;

/** Combines the values of several sources under a rule. */
const combine: Readonly<Record<GaugeRule, (values: Iterable<number>) => number>> = {
  sum: sumOf,
  total: sumOf,
  max: (values) => [...values].reduce((highest, value) => Math.max(highest, value), Number.NEGATIVE_INFINITY),
};

export class GaugeTotals {
  readonly #budget: MemoryBudget;
  #unit: string;
  #rule: GaugeRule;
  /** Latest value by source. */
  readonly #values = new Map<string, number>();
  /** Sum of the last values of sources that have ended, under the rule `total`. */
  #endedTotal = 0;
  #value = 0;
  #peak = Number.NEGATIVE_INFINITY;

  constructor({ unit, rule }: Pick<GaugeEvent, 'unit' | 'rule'>, budget: MemoryBudget) {
    this.#budget = budget;
    this.#unit = unit;
    this.#rule = ruleOf(unit, rule);
  }

  get unit(): string {
    return this.#unit;
  }

  /** Sets the value of a source. Returns false if there is no room for another source. */
  set(source: string, { value, unit, rule }: GaugeEvent): boolean {
    if (!this.#values.has(source) && !this.#budget.take(valueBytes)) return false;
    this.#unit = unit;
    this.#rule = ruleOf(unit, rule);
    this.#values.set(source, value);
    this.#update();
    return true;
  }

  /** Removes the value of a source that has ended. If it was the last one, the gauge keeps its last value. */
  endSource(source: string): void {
    const value = this.#values.get(source);
    if (value === undefined) return;
    this.#values.delete(source);
    this.#budget.give(valueBytes);
    if (this.#rule === 'total') this.#endedTotal = finite(this.#endedTotal + value);
    else if (this.#values.size > 0) this.#update();
  }

  state(): GaugeState {
    return {
      value: this.#value,
      unit: this.#unit,
      ...(this.#peak > this.#value ? { peak: this.#peak } : {}),
    };
  }

  #update(): void {
    const ended = this.#rule === 'total' ? this.#endedTotal : 0;
    this.#value = finite(ended + combine[this.#rule](this.#values.values()));
    this.#peak = Math.max(this.#peak, this.#value);
  }
}

function ruleOf(unit: string, rule: GaugeRule | undefined): GaugeRule {
  return rule ?? ruleByUnit.get(unit) ?? 'max';
}

function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
