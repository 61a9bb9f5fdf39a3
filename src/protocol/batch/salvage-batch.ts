/**
 * Reads a batch as every receiver does: an invalid value does not make the whole batch invalid. It is left out, and
 * counted in the batch.
 */
import { type Guard, isRecord, type RepairLoss, repair, whole } from '../schema.ts';
import { type Batch, countCalls, isBatch, isItemEvent, isOperationDelta, isSpanEvent } from './batch.ts';
import { maxBatchEntries } from './limits.ts';
import { saturate } from './operation-delta.ts';

/** Returns a message as a batch, as far as it is valid, or undefined if it is not a batch. */
export function salvageBatch(message: unknown): Batch | undefined {
  if (isBatch(message)) return message;
  if (!isRecord(message)) return undefined;
  const { operations, spans, items } = message;
  const loss = { values: 0 };
  const batch = repair(isBatch, { ...message, operations: undefined, spans: undefined, items: undefined }, loss);
  if (!batch) return undefined;
  const valid = {
    operations: keepEntries(operations, { guard: isOperationDelta, loss, isCounted: (delta) => callsOf(delta) > 0 }),
    spans: keepEntries(spans, { guard: isSpanEvent, loss, isCounted: () => true }),
    items: keepEntries(items, { guard: isItemEvent, loss, isCounted: () => true }),
  };
  const { calls = 0, values = 0 } = batch.dropped ?? {};
  return {
    ...batch,
    ...valid,
    spansOmitted: saturate((batch.spansOmitted ?? 0) + lengthOf(spans) - valid.spans.length),
    itemsOmitted: saturate((batch.itemsOmitted ?? 0) + lengthOf(items) - valid.items.length),
    dropped: { calls: saturate(calls + callsIn(message) - countCalls(valid)), values: saturate(values + loss.values) },
  };
}

/** Returns the number of calls that a message reports, as far as it can be read. */
export function callsIn(message: unknown): number {
  if (!isRecord(message) || !Array.isArray(message['operations'])) return 0;
  const calls = message['operations'].reduce((sum: number, delta: unknown) => sum + callsOf(delta), 0);
  return saturate(calls);
}

function callsOf(delta: unknown): number {
  return isRecord(delta) && whole(delta['count']) ? delta['count'] : 0;
}

interface KeepOptions<T> {
  readonly guard: Guard<T>;
  readonly loss: RepairLoss;
  /** Returns true if an entry that is left out is counted in another way. */
  readonly isCounted: (entry: unknown) => boolean;
}

function keepEntries<T>(list: unknown, { guard, loss, isCounted }: KeepOptions<T>): T[] {
  if (!Array.isArray(list)) {
    if (list !== undefined) loss.values++;
    return [];
  }
  const valid: T[] = [];
  for (const entry of list) {
    const entryLoss = { values: 0 };
    const repaired = valid.length < maxBatchEntries ? repair(guard, entry, entryLoss) : undefined;
    if (repaired !== undefined) valid.push(repaired);
    loss.values += repaired !== undefined ? entryLoss.values : isCounted(entry) ? 0 : 1;
  }
  return valid;
}

function lengthOf(list: unknown): number {
  return Array.isArray(list) ? list.length : 0;
}
