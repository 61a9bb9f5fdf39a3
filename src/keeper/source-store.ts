/**
 * State of every source of a run. Batches are passed on as they arrive and summed for a host that connects later. They are
 * merged while the host reads too slowly. Grows with the number of operations, not of batches.
 */
import type { Batch, Hello } from '../protocol/batch/batch.ts';
import { BatchNumbering, SourceTable } from '../protocol/batch/sequence.ts';
import { SourceTotals } from '../protocol/batch/source-totals.ts';

/** Batches that are merged because the host is too slow. Merging drops examples, so their number is counted. */
class PendingBatches {
  readonly totals = new SourceTotals();
  spansOmitted = 0;
  itemsOmitted = 0;

  add(batch: Batch): void {
    this.totals.add(batch);
    this.spansOmitted += (batch.spansOmitted ?? 0) + (batch.spans?.length ?? 0);
    this.itemsOmitted += (batch.itemsOmitted ?? 0) + (batch.items?.length ?? 0);
  }
}

interface StoredSource {
  /** Everything that the source has sent. */
  readonly totals: SourceTotals;
  /** Numbers of the batches sent to the host. */
  readonly numbering: BatchNumbering;
  hello?: Hello;
  next: number;
  pending: PendingBatches | undefined;
}

export class SourceStore {
  readonly #sources = new SourceTable<StoredSource>({
    create: (previous) => ({
      totals: new SourceTotals(),
      numbering: new BatchNumbering(),
      next: 0,
      // The host must first receive what the previous program in this process sent.
      pending: previous?.pending && new PendingBatches(),
    }),
  });
  readonly #onLost: (batches: number) => void;

  /** @param onLost called with the number of batches that did not arrive or come from sources beyond the limit */
  constructor(onLost: (batches: number) => void) {
    this.#onLost = onLost;
  }

  /** Stores a batch. Returns it, renumbered, if it can be sent now; keeps it for `drainPending` if `mustWait`. */
  ingest(batch: Batch, mustWait: boolean): Batch | undefined {
    const { source, lost } = this.#sources.receive(batch);
    if (lost > 0) this.#onLost(lost);
    if (!source) return undefined;
    source.totals.add(batch);
    if (!mustWait && !source.pending) return source.numbering.number(batch);
    source.pending ??= new PendingBatches();
    source.pending.add(batch);
    return undefined;
  }

  /** Returns the pending batches, merged into one per source, and removes them. */
  drainPending(): Batch[] {
    return [...this.#sources.values()].flatMap((source) => {
      const { pending } = source;
      const merged = pending?.totals.toBatch();
      if (!pending || !merged) return [];
      source.pending = undefined;
      const { spansOmitted, itemsOmitted } = pending;
      return [source.numbering.number({ ...merged, spansOmitted, itemsOmitted })];
    });
  }

  /** Returns everything as one batch per source, for a host without state, and restarts the numbering. */
  allBatches(): Batch[] {
    return [...this.#sources.values()].flatMap((source) => {
      source.numbering.restart();
      source.pending = undefined;
      return source.totals.toBatch() ?? [];
    });
  }
}
