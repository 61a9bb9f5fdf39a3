/**
 * What every source of a run has said: passed on as it comes, added up for a host that comes later, and merged while the
 * host reads slower than the sources write. It grows with the number of operations, not of batches.
 */
import { Ledger } from '../probe/link/source-totals.ts';
import { isAnotherProgram } from '../protocol/batch.ts';
import type { Batch, Hello } from '../protocol/event.ts';

/** Sources kept apart, as many as a recorder keeps. */
const mostSources = 256;

interface Source {
  /** All that it said. */
  readonly ledger: Ledger;
  hello: Hello | undefined;
  /** Number of its next batch; one below was said twice. */
  next: number;
  /** Number of the next batch that the host is told. */
  told: number;
  /** What the host was not told yet. */
  waiting: Ledger | undefined;
  spansOmitted: number;
  itemsOmitted: number;
}

export class Memory {
  readonly #sources = new Map<string, Source>();
  readonly #onLost: (batches: number) => void;

  /** @param onLost hears of batches that did not arrive, or of more sources than are kept apart */
  constructor(onLost: (batches: number) => void) {
    this.#onLost = onLost;
  }

  /** Remembers a batch; gives it back numbered where it is to be told now, and not `later`. */
  take(batch: Batch, later: boolean): Batch | undefined {
    if (isAnotherProgram(batch, this.#sources.get(batch.source)?.hello)) this.#replace(batch.source);
    const source = this.#sourceOf(batch.source);
    if (!source) this.#onLost(1);
    if (!source || batch.sequence < source.next) return undefined;
    if (batch.sequence > source.next) this.#onLost(batch.sequence - source.next);
    source.next = batch.sequence + 1;
    source.hello = batch.hello ?? source.hello;
    source.ledger.add(batch);
    if (!later && !source.waiting) return { ...batch, sequence: source.told++ };
    source.waiting ??= new Ledger();
    source.waiting.add(batch);
    source.spansOmitted += (batch.spansOmitted ?? 0) + (batch.spans?.length ?? 0);
    source.itemsOmitted += (batch.itemsOmitted ?? 0) + (batch.items?.length ?? 0);
    return undefined;
  }

  /** What waits, merged into one batch a source; it waits no longer. */
  waiting(): Batch[] {
    return [...this.#sources.values()].flatMap((source) => {
      const merged = source.waiting?.whole();
      if (!merged) return [];
      const { spansOmitted, itemsOmitted } = source;
      const batch = { ...merged, sequence: source.told++, spansOmitted, itemsOmitted };
      Object.assign(source, { waiting: undefined, spansOmitted: 0, itemsOmitted: 0 });
      return [batch];
    });
  }

  /** Everything, for a host that knows nothing: one batch a source, with which its numbers start anew. */
  whole(): Batch[] {
    return [...this.#sources.values()].flatMap((source) => {
      Object.assign(source, { told: 1, waiting: undefined, spansOmitted: 0, itemsOmitted: 0 });
      return source.ledger.whole() ?? [];
    });
  }

  /** Another program goes on in the process of a source: what the one before said stays, and is told before. */
  #replace(name: string): void {
    const before = this.#sources.get(name);
    if (!before) return;
    this.#sources.delete(name);
    this.#sources.set(`${name} ${before.hello?.wallStartMs}`, before);
    const after = this.#sourceOf(name);
    if (after && before.waiting) after.waiting = new Ledger();
  }

  #sourceOf(name: string): Source | undefined {
    const known = this.#sources.get(name);
    if (known || this.#sources.size >= mostSources) return known;
    const source = {
      ledger: new Ledger(),
      hello: undefined,
      next: 0,
      told: 0,
      waiting: undefined,
      spansOmitted: 0,
      itemsOmitted: 0,
    };
    this.#sources.set(name, source);
    return source;
  }
}
