/**
 * State of every source of a run. Batches are passed on as they arrive and summed for a host that connects later. They are
 * merged while the host reads too slowly. Grows with the number of operations, not of batches.
 */
import { type Batch, countCalls, type DroppedRecords, type Hello } from '../protocol/batch/batch.ts';
import { MemoryBudget } from '../protocol/batch/memory-budget.ts';
import { BatchNumbering, SourceTable } from '../protocol/batch/sequence.ts';
import { SourceTotals } from '../protocol/batch/source-totals.ts';
import { MergedTotals } from './merged-totals.ts';

/** Memory for the totals of all sources, and for the batches that wait for the host. */
const maxBytes = 256 * 1024 * 1024;

interface StoredSource {
  /** Everything that the source has sent. */
  readonly totals: SourceTotals;
  /** Numbers of the batches sent to the host. */
  readonly numbering: BatchNumbering;
  hello?: Hello;
  next: number;
  ended: boolean;
  /** Batches that are merged because the host is too slow. Merging drops examples, so their number is counted. */
  pending: SourceTotals | undefined;
}

/** Numbers of batches and records that the store could not pass on or keep. */
export interface StoreLoss extends DroppedRecords {
  readonly batches?: number;
}

export class SourceStore {
  readonly #budget = new MemoryBudget(maxBytes);
  readonly #sources = new SourceTable<StoredSource>({
    create: (previous) => ({
      totals: new SourceTotals(this.#budget),
      numbering: new BatchNumbering(),
      next: 0,
      ended: false,
      // The host must first receive what the previous program in this process sent.
      pending: previous?.pending && new SourceTotals(this.#budget),
    }),
    onRetired: (source) => this.#retire(source),
  });
  /** Sources that made room for others, for the next host. */
  readonly #retired = new MergedTotals(this.#budget);
  /** Retired sources whose last batches wait for the host. */
  #leaving: StoredSource[] = [];
  readonly #onLost: (loss: StoreLoss) => void;

  /** @param onLost called with what did not arrive or comes from sources beyond the limit */
  constructor(onLost: (loss: StoreLoss) => void) {
    this.#onLost = onLost;
  }

  /**
   * Stores a batch. Returns it, renumbered, if it can be sent now; keeps it for `drainPending` if `mustWait`.
   * @param nowNs time of any clock of this process
   */
  ingest(batch: Batch, mustWait: boolean, nowNs = performance.now() * 1e6): Batch | undefined {
    const arrival = this.#sources.receive(batch, nowNs);
    if (arrival.kind === 'repeated') return undefined;
    if (arrival.kind === 'refused') {
      this.#onLost({ batches: 1, calls: countCalls(batch) + (batch.dropped?.calls ?? 0) });
      return undefined;
    }
    const { source, lostBatches } = arrival;
    if (lostBatches > 0) this.#onLost({ batches: lostBatches });
    source.totals.add(batch);
    if (!mustWait && !source.pending) return source.numbering.number(batch);
    source.pending ??= new SourceTotals(this.#budget);
    source.pending.add(batch);
    return undefined;
  }

  /** Returns the pending batches, merged into one per source, and removes them. */
  drainPending(): Batch[] {
    const sources = [...this.#leaving, ...this.#sources.values()];
    this.#leaving = [];
    return sources.flatMap((source) => {
      const merged = source.pending?.toBatch();
      if (!merged) return [];
      source.pending?.release();
      source.pending = undefined;
      return [source.numbering.number(merged)];
    });
  }

  /** Returns everything as one batch per source, for a host without state, and restarts the numbering. */
  allBatches(): Batch[] {
    for (const { pending } of this.#leaving) pending?.release();
    this.#leaving = [];
    const batches = [...this.#sources.values()].flatMap((source) => {
      source.numbering.restart();
      source.pending?.release();
      source.pending = undefined;
      return source.totals.toBatch() ?? [];
    });
    return [...this.#retired.batches(), ...batches];
  }

  #retire(source: StoredSource): void {
    const batch = source.totals.toBatch();
    if (batch) this.#retired.add(batch);
    source.totals.release();
    if (source.pending) this.#leaving.push(source);
  }
}
