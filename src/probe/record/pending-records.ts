import type { Batch, CounterDelta, GaugeEvent, ItemEvent } from '../../protocol/batch/batch.ts';
import type { ValidationState } from '../../protocol/validation-state.ts';

/** Maximum number of distinct counters and of distinct gauges; further names are ignored. */
const maxNames = 1000;
const maxItems = 1000;

/** Counters, gauges, items and validation state recorded since the last batch. Of the items, only the slowest are kept. */
export class PendingRecords {
  /** Newest state that has not been sent yet. */
  validation: ValidationState | undefined;
  readonly #counters = new Map<string, { component: string; name: string; delta: number }>();
  readonly #gauges = new Map<string, GaugeEvent>();
  #items = new Map<string, ItemEvent>();
  #itemsOmitted = 0;

  /** Adds to a counter. */
  count(component: string, name: string, times: number): void {
    const key = `${component}\0${name}`;
    const counter = this.#counters.get(key);
    if (counter) counter.delta += times;
    else if (this.#counters.size < maxNames) this.#counters.set(key, { component, name, delta: times });
  }

  /** Sets a gauge; ignores values that are not finite. */
  gauge(component: string, name: string, value: number, unit: string): void {
    if (!Number.isFinite(value)) return;
    const key = `${component}\0${name}`;
    if (this.#gauges.has(key) || this.#gauges.size < maxNames) {
      this.#gauges.set(key, { component, name, value, unit });
    }
  }

  /** Adds an item, or merges it into the pending item of the same name. Parts and counts of the same name are replaced. */
  item(item: ItemEvent): void {
    const previous = this.#items.get(item.name);
    if (!previous && this.#items.size >= 2 * maxItems) this.#keepSlowestItems();
    const merged = previous && {
      ...previous,
      ...item,
      parts: { ...previous.parts, ...item.parts },
      counts: { ...previous.counts, ...item.counts },
    };
    this.#items.set(item.name, merged ?? item);
  }

  /** Returns and clears the pending records. Without `withItems` the items stay for a later batch. */
  drain(withItems: boolean): Pick<Batch, 'validation' | 'counters' | 'gauges' | 'items' | 'itemsOmitted'> {
    const { validation } = this;
    this.validation = undefined;
    if (this.#counters.size + this.#gauges.size + this.#items.size + this.#itemsOmitted === 0)
      return validation ? { validation } : {};
    const counters: CounterDelta[] = [...this.#counters.values()];
    const gauges = [...this.#gauges.values()];
    this.#counters.clear();
    this.#gauges.clear();
    return {
      ...(validation ? { validation } : {}),
      ...(counters.length ? { counters } : {}),
      ...(gauges.length ? { gauges } : {}),
      ...(withItems ? this.#drainItems() : {}),
    };
  }

  #drainItems(): Pick<Batch, 'items' | 'itemsOmitted'> {
    this.#keepSlowestItems();
    const items = [...this.#items.values()];
    const itemsOmitted = this.#itemsOmitted;
    this.#items = new Map();
    this.#itemsOmitted = 0;
    return { ...(items.length ? { items } : {}), ...(itemsOmitted ? { itemsOmitted } : {}) };
  }

  #keepSlowestItems(): void {
    if (this.#items.size <= maxItems) return;
    const slowest = [...this.#items.values()].sort((a, b) => totalNsOf(b) - totalNsOf(a)).slice(0, maxItems);
    this.#itemsOmitted += this.#items.size - slowest.length;
    this.#items = new Map(slowest.map((item) => [item.name, item]));
  }
}

function totalNsOf(item: ItemEvent): number {
  return Object.values(item.parts).reduce((sum, partNs) => sum + partNs, 0);
}
