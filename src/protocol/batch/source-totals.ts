/**
 * Cumulative state of one source. Sent as a single batch to a host that connects for the first time, such as after a
 * window reload. Grows with the number of operations, not of batches, and never beyond what one batch can hold.
 */
import type { Batch, CounterDelta, Definition, GaugeEvent, OperationDelta } from './batch.ts';
import { maxBatchEntries } from './limits.ts';
import { addDelta, addSamples, OperationSum, SampleSum, toDelta } from './operation-delta.ts';

class OperationEntry {
  readonly sum = new OperationSum();
  readonly buckets = new Map<number, number>();
  active: number | undefined;
}

export class SourceTotals {
  readonly #definitions = new Map<number, Definition>();
  readonly #operations = new Map<number, OperationEntry>();
  readonly #samples = new Map<number, SampleSum>();
  readonly #counters = new Map<string, CounterDelta>();
  readonly #gauges = new Map<string, GaugeEvent>();
  #last: Batch | undefined;

  add(batch: Batch): void {
    // Properties that a batch does not repeat keep their last value, such as hello, resources and sampling interval.
    this.#last = { ...this.#last, ...batch };
    for (const definition of batch.definitions ?? [])
      if (hasRoom(this.#definitions, definition.id)) this.#definitions.set(definition.id, definition);
    for (const delta of batch.operations ?? []) if (hasRoom(this.#operations, delta.id)) this.#addOperation(delta);
    for (const delta of batch.samples ?? []) {
      if (!hasRoom(this.#samples, delta.id)) continue;
      const sum = this.#samples.get(delta.id) ?? new SampleSum();
      this.#samples.set(delta.id, sum);
      addSamples(sum, delta);
    }
    for (const counter of batch.counters ?? []) {
      const key = `${counter.component}\0${counter.name}`;
      if (!hasRoom(this.#counters, key)) continue;
      const previous = this.#counters.get(key)?.delta ?? 0;
      this.#counters.set(key, { ...counter, delta: previous + counter.delta });
    }
    for (const gauge of batch.gauges ?? []) {
      const key = `${gauge.component}\0${gauge.name}`;
      if (hasRoom(this.#gauges, key)) this.#gauges.set(key, gauge);
    }
  }

  /** Returns everything as one batch with the number 0, without examples such as spans; undefined before the first. */
  toBatch(): Batch | undefined {
    if (!this.#last) return undefined;
    const { spans, spansOmitted, items, itemsOmitted, ...last } = this.#last;
    return {
      ...last,
      sequence: 0,
      definitions: [...this.#definitions.values()],
      operations: [...this.#operations].map(([id, { sum, buckets, active }]) =>
        toDelta(sum, { id, buckets: [...buckets].flat(), ...(active === undefined ? {} : { active }) }),
      ),
      samples: [...this.#samples].map(([id, sum]) => ({ id, ...sum })),
      counters: [...this.#counters.values()],
      gauges: [...this.#gauges.values()],
    };
  }

  #addOperation(delta: OperationDelta): void {
    const entry = this.#operations.get(delta.id) ?? new OperationEntry();
    this.#operations.set(delta.id, entry);
    addDelta(entry.sum, delta);
    entry.active = delta.active;
    for (let index = 0; index + 1 < delta.buckets.length; index += 2) {
      const bucket = delta.buckets[index] as number;
      if (!hasRoom(entry.buckets, bucket, maxBatchEntries / 2)) continue;
      entry.buckets.set(bucket, (entry.buckets.get(bucket) ?? 0) + (delta.buckets[index + 1] as number));
    }
  }
}

function hasRoom<Key>(entries: ReadonlyMap<Key, unknown>, key: Key, maxEntries = maxBatchEntries): boolean {
  return entries.size < maxEntries || entries.has(key);
}
