/** Items (such as files) and spans of a run. The slowest ones are kept; the others are counted. */
import type { ItemEvent, SpanEvent } from '../../protocol/batch/batch.ts';
import { defined } from '../../protocol/defined.ts';
import type { ItemState, SpanState } from '../../protocol/snapshot.ts';

const maxItems = 500;
const maxSpans = 1000;

export class Items {
  readonly #items = new Map<string, ItemState>();
  #dropped = 0;

  /** Number of items that `states` does not contain. */
  get omitted(): number {
    return this.#dropped + Math.max(0, this.#items.size - maxItems);
  }

  /** Adds an item. Parts and counts with a known name replace the earlier values, since a source sends totals. */
  add(event: ItemEvent, displayPathOf: (file: string) => string): void {
    const previous = this.#items.get(event.name);
    const parts = { ...previous?.parts, ...event.parts };
    const file = event.file === undefined ? previous?.file : displayPathOf(event.file);
    this.#items.set(event.name, {
      component: event.component,
      name: event.name,
      ...defined({ file }),
      totalNs: Object.values(parts).reduce((sum, part) => sum + part, 0),
      parts,
      counts: { ...previous?.counts, ...event.counts },
    });
    if (this.#items.size > 2 * maxItems) this.#dropFast();
  }

  /** Returns the slowest items, the slowest first. */
  states(): ItemState[] {
    return [...this.#items.values()].sort((a, b) => b.totalNs - a.totalNs).slice(0, maxItems);
  }

  #dropFast(): void {
    const slowest = this.states();
    this.#dropped += this.#items.size - slowest.length;
    this.#items.clear();
    for (const item of slowest) this.#items.set(item.name, item);
  }
}

export class Spans {
  #spans: SpanState[] = [];
  #dropped = 0;

  /** Number of spans that `states` does not contain. */
  get omitted(): number {
    return this.#dropped + Math.max(0, this.#spans.length - maxSpans);
  }

  add(span: SpanEvent, origin: { source: string; component: string; name: string; offsetNs: number }): void {
    const { source, component, name, offsetNs } = origin;
    this.#spans.push({
      source,
      component,
      name,
      startNs: span.startNs + offsetNs,
      durationNs: span.durationNs,
      ...defined({ error: span.error, attributes: span.attributes }),
    });
    if (this.#spans.length < 2 * maxSpans) return;
    this.#dropped += this.#spans.length - maxSpans;
    this.#spans = this.states();
  }

  /** Returns the slowest spans, sorted by start. */
  states(): SpanState[] {
    const slowest =
      this.#spans.length <= maxSpans
        ? [...this.#spans]
        : [...this.#spans].sort((a, b) => b.durationNs - a.durationNs).slice(0, maxSpans);
    return slowest.sort((a, b) => a.startNs - b.startNs);
  }
}
