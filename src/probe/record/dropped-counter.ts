import type { Batch, DroppedRecords } from '../../protocol/batch/batch.ts';

/** Counts what the guest could not keep since its last batch, so that no loss stays unreported. */
export class DroppedCounter {
  /** Calls that are in no operation. */
  calls = 0;
  /** Arguments that are not valid, and records beyond a limit. */
  values = 0;

  /** Counts the content of a batch that could not be sent. */
  addBatch({ operations, counters, gauges, items, dropped }: Batch): void {
    for (const { count } of operations ?? []) this.calls += count;
    this.calls += dropped?.calls ?? 0;
    this.values += (counters?.length ?? 0) + (gauges?.length ?? 0) + (items?.length ?? 0) + (dropped?.values ?? 0);
  }

  /** Returns the counts since the previous call, or undefined if nothing was dropped. */
  drain(): DroppedRecords | undefined {
    const { calls, values } = this;
    if (calls === 0 && values === 0) return undefined;
    this.calls = this.values = 0;
    return { ...(calls ? { calls } : {}), ...(values ? { values } : {}) };
  }
}
