/** Items (such as files) and spans of a run. The slowest are kept, up to a number and a size; the others are counted. */
import type { Attributes, ItemEvent, SpanEvent } from '../../protocol/batch/batch.ts';
import { textLengthOf } from '../../protocol/batch/memory-budget.ts';
import { defined } from '../../protocol/defined.ts';
import type { ItemState, SpanState } from '../../protocol/snapshot.ts';

const maxItems = 500;
const maxSpans = 1000;
/** Maximum length of the parts, of the counts and of the attributes of one item or span, in UTF-16 code units. */
const maxDetailLength = 4096;
/** Maximum length of all listed items, and of all listed spans. */
const maxListLength = 512 * 1024;

/** An item or span with the length of its texts. */
interface Sized<State> {
  readonly state: State;
  readonly length: number;
}

/** Returns the entries with the longest durations, as far as they have room. */
function selectSlowest<State>(
  entries: Iterable<Sized<State>>,
  maxEntries: number,
  durationOf: (state: State) => number,
): Sized<State>[] {
  const sorted = [...entries].sort((a, b) => durationOf(b.state) - durationOf(a.state)).slice(0, maxEntries);
  let length = 0;
  return sorted.filter((entry) => {
    length += entry.length;
    return length <= maxListLength;
  });
}

export class Items {
  readonly #items = new Map<string, Sized<ItemState>>();
  #dropped = 0;
  /** Cached until the next change. */
  #slowest: readonly Sized<ItemState>[] | undefined;

  /** Number of items that `states` does not contain. */
  get omitted(): number {
    return this.#dropped + this.#items.size - this.#select().length;
  }

  /**
   * Adds an item. Parts and counts with a known name replace the earlier values, since a source sends totals. Returns the
   * number of values for which there is no room.
   */
  add(event: ItemEvent, displayPathOf: (file: string) => string): number {
    const previous = this.#items.get(event.name)?.state;
    const parts = mergeValues(previous?.parts, event.parts);
    const counts = mergeValues(previous?.counts, event.counts);
    const file = event.file === undefined ? previous?.file : displayPathOf(event.file);
    const totalNs = Object.values(parts.values).reduce((sum, part) => sum + part, 0);
    const state = {
      component: event.component,
      name: event.name,
      ...defined({ file }),
      totalNs: Math.min(totalNs, Number.MAX_VALUE),
      parts: parts.values,
      counts: counts.values,
    };
    this.#items.set(event.name, { state, length: textLengthOf(state) });
    this.#slowest = undefined;
    if (this.#items.size > 2 * maxItems) this.#dropFast();
    return parts.omitted + counts.omitted;
  }

  /** Returns the slowest items, the slowest first. */
  states(): ItemState[] {
    return this.#select().map(({ state }) => state);
  }

  #select(): readonly Sized<ItemState>[] {
    this.#slowest ??= selectSlowest(this.#items.values(), maxItems, ({ totalNs }) => totalNs);
    return this.#slowest;
  }

  #dropFast(): void {
    const slowest = this.#select();
    this.#dropped += this.#items.size - slowest.length;
    this.#items.clear();
    for (const item of slowest) this.#items.set(item.state.name, item);
  }
}

export class Spans {
  #spans: Sized<SpanState>[] = [];
  #dropped = 0;
  /** Cached until the next change. */
  #slowest: readonly Sized<SpanState>[] | undefined;

  /** Number of spans that `states` does not contain. */
  get omitted(): number {
    return this.#dropped + this.#spans.length - this.#select().length;
  }

  /** Adds a span that starts at a time of the run. Returns the number of attributes for which there is no room. */
  add(span: SpanEvent, origin: Pick<SpanState, 'source' | 'component' | 'name'>): number {
    const { attributes, omitted } = limitAttributes(span.attributes);
    const state = {
      ...origin,
      startNs: span.startNs,
      durationNs: span.durationNs,
      ...defined({ error: span.error, attributes }),
    };
    this.#spans.push({ state, length: textLengthOf(state) });
    this.#slowest = undefined;
    if (this.#spans.length >= 2 * maxSpans) this.#dropFast();
    return omitted;
  }

  /** Returns the slowest spans, sorted by start. */
  states(): SpanState[] {
    return this.#select()
      .map(({ state }) => state)
      .sort((a, b) => a.startNs - b.startNs);
  }

  #select(): readonly Sized<SpanState>[] {
    this.#slowest ??= selectSlowest(this.#spans, maxSpans, ({ durationNs }) => durationNs);
    return this.#slowest;
  }

  #dropFast(): void {
    const slowest = this.#select();
    this.#dropped += this.#spans.length - slowest.length;
    this.#spans = [...slowest];
  }
}

type Values = Readonly<Record<string, number>>;

/** Returns the values by name, the added ones over the previous ones, as far as their names have room. */
function mergeValues(previous: Values = {}, added: Values): { readonly values: Values; readonly omitted: number } {
  const merged = new Map(Object.entries(previous));
  let length = textLengthOf(previous);
  let omitted = 0;
  for (const [name, value] of Object.entries(added)) {
    if (merged.has(name)) merged.set(name, value);
    else if (length + name.length > maxDetailLength) omitted++;
    else {
      merged.set(name, value);
      length += name.length;
    }
  }
  return { values: Object.fromEntries(merged), omitted };
}

/** Returns the attributes that have room, the first ones first. */
function limitAttributes(attributes: Attributes | undefined): {
  readonly attributes: Attributes | undefined;
  readonly omitted: number;
} {
  if (attributes === undefined || textLengthOf(attributes) <= maxDetailLength) return { attributes, omitted: 0 };
  let length = 0;
  const entries = Object.entries(attributes);
  const limited = entries.filter(([name, value]) => {
    const entryLength = name.length + textLengthOf(value);
    if (length + entryLength > maxDetailLength) return false;
    length += entryLength;
    return true;
  });
  return { attributes: Object.fromEntries(limited), omitted: entries.length - limited.length };
}
