import {
  type Batch,
  type CounterDelta,
  type GaugeEvent,
  type GaugeRule,
  type ItemEvent,
  isGaugeRule,
} from '../../protocol/batch/batch.ts';
import { defined } from '../../protocol/defined.ts';
import type { ValidationState } from '../../protocol/validation/validation-state.ts';
import { cleanCounts, cleanName, cleanParts, cleanPath, readProperty } from './clean-map.ts';
import { maxComponentLength, maxNameLength, unnamed } from './clean-text.ts';
import type { DroppedCounter } from './dropped-counter.ts';
import type { NoticeQueue } from './notice-queue.ts';

/** Maximum number of distinct counters and of distinct gauges; further names are counted as dropped. */
const maxNames = 1000;
/** Maximum number and size of the items of a batch. Up to twice as much waits before the slowest are chosen. */
const maxItems = 1000;
const maxItemsLength = 1024 * 1024;
const maxUnitLength = 40;
const defaultComponent = 'main';

interface SizedItem {
  readonly item: ItemEvent;
  /** Length of its texts and numbers. */
  readonly length: number;
}

/**
 * Counters, gauges, items and validation state recorded since the last batch. Of the items, only the slowest are kept.
 * Accepts any argument: a value that cannot be sent is left out and counted as dropped.
 */
export class PendingRecords {
  /** Newest state that has not been sent yet. */
  validation: ValidationState | undefined;
  readonly #dropped: DroppedCounter;
  readonly #notices: NoticeQueue;
  readonly #counters = new Map<string, { component: string; name: string; delta: number }>();
  readonly #gauges = new Map<string, GaugeEvent>();
  #items = new Map<string, SizedItem>();
  #itemsLength = 0;
  #itemsOmitted = 0;

  constructor(dropped: DroppedCounter, notices: NoticeQueue) {
    this.#dropped = dropped;
    this.#notices = notices;
  }

  /** Adds to a counter. The sum must stay a number that is exact. */
  count(component: unknown, name: unknown, times: unknown): void {
    const [place, counterName] = [this.#componentOf(component), this.#nameOf(name)];
    const key = `${place}\0${counterName}`;
    const counter = this.#counters.get(key);
    const sum = (counter?.delta ?? 0) + (typeof times === 'number' ? times : Number.NaN);
    if (!(typeof times === 'number' && times >= 0 && sum <= Number.MAX_SAFE_INTEGER)) this.#dropped.values++;
    else if (counter) counter.delta = sum;
    else if (this.#hasRoom(this.#counters, 'counters'))
      this.#counters.set(key, { component: place, name: counterName, delta: sum });
  }

  /** Sets a gauge to a finite number. */
  gauge(component: unknown, name: unknown, value: unknown, unit: unknown, rule?: unknown): void {
    const place = { component: this.#componentOf(component), name: this.#nameOf(name) };
    const key = `${place.component}\0${place.name}`;
    if (typeof value !== 'number' || !Number.isFinite(value)) this.#dropped.values++;
    else if (this.#gauges.has(key) || this.#hasRoom(this.#gauges, 'gauges'))
      this.#gauges.set(key, {
        ...place,
        value,
        unit: cleanName(unit, maxUnitLength, '1', this.#dropped),
        ...defined({ rule: this.#ruleOf(rule) }),
      });
  }

  /** Adds an item, or merges it into the pending item of the same name. Parts and counts of the same name are replaced. */
  item(event: unknown): void {
    if (typeof event !== 'object' || event === null) {
      this.#dropped.values++;
      return;
    }
    const sized = this.#cleanItem(event);
    const previous = this.#items.get(sized.item.name);
    const merged = previous ? this.#cleanItem(mergeItems(previous.item, sized.item)) : sized;
    this.#itemsLength += merged.length - (previous?.length ?? 0);
    this.#items.set(merged.item.name, merged);
    if (this.#items.size > 2 * maxItems || this.#itemsLength > 2 * maxItemsLength) this.#keepSlowestItems();
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

  #componentOf(component: unknown): string {
    return cleanName(component ?? defaultComponent, maxComponentLength, defaultComponent, this.#dropped);
  }

  #ruleOf(rule: unknown): GaugeRule | undefined {
    if (rule === undefined || isGaugeRule(rule)) return rule;
    this.#dropped.values++;
    return undefined;
  }

  #nameOf(name: unknown): string {
    return cleanName(name, maxNameLength, unnamed, this.#dropped);
  }

  #hasRoom(records: ReadonlyMap<string, unknown>, plural: string): boolean {
    if (records.size < maxNames) return true;
    this.#dropped.values++;
    this.#notices.add(
      `The program uses more than ${maxNames} ${plural} at a time, so some are missing. Use fewer distinct names.`,
    );
    return false;
  }

  #cleanItem(event: object): SizedItem {
    const dropped = this.#dropped;
    const file = cleanPath(readProperty(event, 'file', dropped), dropped);
    const component = this.#componentOf(readProperty(event, 'component', dropped));
    const name = this.#nameOf(readProperty(event, 'name', dropped));
    const parts = cleanParts(readProperty(event, 'parts', dropped), dropped);
    const counts = cleanCounts(readProperty(event, 'counts', dropped), dropped);
    const item = { component, name, parts: parts.entries, counts: counts.entries };
    const length = component.length + name.length + (file?.length ?? 0) + parts.length + counts.length;
    return { item: file === undefined ? item : { ...item, file }, length };
  }

  #drainItems(): Pick<Batch, 'items' | 'itemsOmitted'> {
    this.#keepSlowestItems();
    const items = [...this.#items.values()].map(({ item }) => item);
    const itemsOmitted = this.#itemsOmitted;
    this.#items = new Map();
    this.#itemsLength = 0;
    this.#itemsOmitted = 0;
    return { ...(items.length ? { items } : {}), ...(itemsOmitted ? { itemsOmitted } : {}) };
  }

  #keepSlowestItems(): void {
    if (this.#items.size <= maxItems && this.#itemsLength <= maxItemsLength) return;
    const slowest = [...this.#items.values()].sort((a, b) => totalNsOf(b.item) - totalNsOf(a.item));
    this.#items = new Map();
    this.#itemsLength = 0;
    for (const sized of slowest) {
      const hasRoom = this.#items.size < maxItems && this.#itemsLength + sized.length <= maxItemsLength;
      if (!hasRoom) {
        this.#itemsOmitted++;
        continue;
      }
      this.#items.set(sized.item.name, sized);
      this.#itemsLength += sized.length;
    }
  }
}

function totalNsOf(item: ItemEvent): number {
  return Object.values(item.parts).reduce((sum, partNs) => sum + partNs, 0);
}

function mergeItems(previous: ItemEvent, item: ItemEvent): ItemEvent {
  return {
    ...previous,
    ...item,
    parts: { ...previous.parts, ...item.parts },
    counts: { ...previous.counts, ...item.counts },
  };
}
