/** What is known of single things worked on (files) and of single spans: the slowest are kept, the rest is counted. */

import { defined } from '../../protocol/defined.ts';
import type { ItemEvent, SpanEvent } from '../../protocol/event.ts';
import type { ItemState, SpanState } from '../../protocol/snapshot.ts';

export const itemsKept = 500;
export const spansKept = 1000;

export class Items {
  readonly #items = new Map<string, ItemState>();
  #dropped = 0;

  /** Those known that `states` does not tell. */
  get omitted(): number {
    return this.#dropped + Math.max(0, this.#items.size - itemsKept);
  }

  /** Parts and counts of the same name replace what was known: a source tells all it knows of an item. */
  add(event: ItemEvent, placeOf: (file: string) => string): void {
    const known = this.#items.get(event.name);
    const parts = { ...known?.parts, ...event.parts };
    const file = event.file === undefined ? known?.file : placeOf(event.file);
    this.#items.set(event.name, {
      component: event.component,
      name: event.name,
      ...defined({ file }),
      totalNs: Object.values(parts).reduce((sum, part) => sum + part, 0),
      parts,
      counts: { ...known?.counts, ...event.counts },
    });
    if (this.#items.size > 2 * itemsKept) this.#dropFast();
  }

  /** The slowest first. */
  states(): ItemState[] {
    return [...this.#items.values()].sort((a, b) => b.totalNs - a.totalNs).slice(0, itemsKept);
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

  /** Those known that `states` does not tell. */
  get omitted(): number {
    return this.#dropped + Math.max(0, this.#spans.length - spansKept);
  }

  add(span: SpanEvent, of: { source: string; component: string; name: string; offsetNs: number }): void {
    this.#spans.push({
      source: of.source,
      component: of.component,
      name: of.name,
      startNs: span.startNs + of.offsetNs,
      durationNs: span.durationNs,
      ...defined({ error: span.error, attributes: span.attributes }),
    });
    if (this.#spans.length < 2 * spansKept) return;
    this.#dropped += this.#spans.length - spansKept;
    this.#spans = this.states();
  }

  /** The slowest, in the order of their start. */
  states(): SpanState[] {
    const slowest =
      this.#spans.length <= spansKept
        ? [...this.#spans]
        : [...this.#spans].sort((a, b) => b.durationNs - a.durationNs).slice(0, spansKept);
    return slowest.sort((a, b) => a.startNs - b.startNs);
  }
}
