/** What a probe tells beside calls: counters, gauges, and items, of which the slowest are kept for one batch. */
import type { Batch, CounterDelta, GaugeEvent, ItemEvent } from '../../protocol/event.ts';

/** Counters and gauges known by name; later ones are not taken. */
const namesKept = 1000;
const itemsKept = 1000;

export class Notes {
  readonly #counters = new Map<string, { component: string; name: string; delta: number }>();
  readonly #gauges = new Map<string, GaugeEvent>();
  #items = new Map<string, ItemEvent>();
  #itemsOmitted = 0;

  count(component: string, name: string, times: number): void {
    const key = `${component}\0${name}`;
    const counter = this.#counters.get(key);
    if (counter) counter.delta += times;
    else if (this.#counters.size < namesKept) this.#counters.set(key, { component, name, delta: times });
  }

  gauge(component: string, name: string, value: number, unit: string): void {
    if (!Number.isFinite(value)) return;
    const key = `${component}\0${name}`;
    if (this.#gauges.has(key) || this.#gauges.size < namesKept) {
      this.#gauges.set(key, { component, name, value, unit });
    }
  }

  /** Parts and counts of the same name replace each other until sent. */
  item(item: ItemEvent): void {
    const known = this.#items.get(item.name);
    if (!known && this.#items.size >= 2 * itemsKept) this.#dropFastItems();
    this.#items.set(
      item.name,
      known
        ? { ...known, ...item, parts: { ...known.parts, ...item.parts }, counts: { ...known.counts, ...item.counts } }
        : item,
    );
  }

  /** What changed since the last time; without `withItems` they wait for a later batch. */
  take(withItems: boolean): Pick<Batch, 'counters' | 'gauges' | 'items' | 'itemsOmitted'> {
    if (this.#counters.size + this.#gauges.size + this.#items.size + this.#itemsOmitted === 0) return {};
    const counters: CounterDelta[] = [...this.#counters.values()];
    const gauges = [...this.#gauges.values()];
    this.#counters.clear();
    this.#gauges.clear();
    return {
      ...(counters.length ? { counters } : {}),
      ...(gauges.length ? { gauges } : {}),
      ...(withItems ? this.#takeItems() : {}),
    };
  }

  #takeItems(): Pick<Batch, 'items' | 'itemsOmitted'> {
    this.#dropFastItems();
    const items = [...this.#items.values()];
    const itemsOmitted = this.#itemsOmitted;
    this.#items = new Map();
    this.#itemsOmitted = 0;
    return { ...(items.length ? { items } : {}), ...(itemsOmitted ? { itemsOmitted } : {}) };
  }

  #dropFastItems(): void {
    if (this.#items.size <= itemsKept) return;
    const slowest = [...this.#items.values()].sort((a, b) => totalOf(b) - totalOf(a)).slice(0, itemsKept);
    this.#itemsOmitted += this.#items.size - slowest.length;
    this.#items = new Map(slowest.map((item) => [item.name, item]));
  }
}

function totalOf(item: ItemEvent): number {
  return Object.values(item.parts).reduce((sum, part) => sum + part, 0);
}
