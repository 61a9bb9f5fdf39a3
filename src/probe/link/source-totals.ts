/**
 * All that one source has said, added up: what a host is told that comes anew and knows nothing, such as a window that
 * was reloaded. It grows with the number of operations, not of batches, and no further than one batch can tell.
 */
import { longestBatch } from '../../protocol/batch.ts';
import type { Batch, CounterDelta, Definition, GaugeEvent, OperationDelta, SampleDelta } from '../../protocol/event.ts';

type Sum = { -readonly [Key in keyof Omit<OperationDelta, 'buckets'>]: OperationDelta[Key] } & {
  buckets: Map<number, number>;
};

export class Ledger {
  readonly #definitions = new Map<number, Definition>();
  readonly #operations = new Map<number, Sum>();
  readonly #samples = new Map<number, SampleDelta>();
  readonly #counters = new Map<string, CounterDelta>();
  readonly #gauges = new Map<string, GaugeEvent>();
  #last: Batch | undefined;

  add(batch: Batch): void {
    // What a batch does not say again stays as it was said last: who speaks, resources, the interval of looking.
    this.#last = { ...this.#last, ...batch };
    for (const definition of batch.definitions ?? [])
      if (hasRoom(this.#definitions, definition.id)) this.#definitions.set(definition.id, definition);
    for (const delta of batch.operations ?? []) if (hasRoom(this.#operations, delta.id)) this.#addOperation(delta);
    for (const delta of batch.samples ?? []) {
      if (!hasRoom(this.#samples, delta.id)) continue;
      const sum = this.#samples.get(delta.id);
      this.#samples.set(delta.id, sum ? added(sum, delta) : delta);
    }
    for (const counter of batch.counters ?? []) {
      const key = `${counter.component}\0${counter.name}`;
      if (!hasRoom(this.#counters, key)) continue;
      const before = this.#counters.get(key)?.delta ?? 0;
      this.#counters.set(key, { ...counter, delta: before + counter.delta });
    }
    for (const gauge of batch.gauges ?? []) {
      const key = `${gauge.component}\0${gauge.name}`;
      if (hasRoom(this.#gauges, key)) this.#gauges.set(key, gauge);
    }
  }

  /** Everything as one batch; examples, such as spans, are not kept. */
  whole(): Batch | undefined {
    if (!this.#last) return undefined;
    const { spans, spansOmitted, items, itemsOmitted, ...last } = this.#last;
    return {
      ...last,
      sequence: 0,
      definitions: [...this.#definitions.values()],
      operations: [...this.#operations.values()].map((sum) => ({ ...sum, buckets: [...sum.buckets].flat() })),
      samples: [...this.#samples.values()],
      counters: [...this.#counters.values()],
      gauges: [...this.#gauges.values()],
    };
  }

  #addOperation(delta: OperationDelta): void {
    const sum = this.#operations.get(delta.id);
    const buckets = sum?.buckets ?? new Map<number, number>();
    for (let at = 0; at + 1 < delta.buckets.length; at += 2) {
      const bucket = delta.buckets[at] as number;
      if (!hasRoom(buckets, bucket, longestBatch / 2)) continue;
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + (delta.buckets[at + 1] as number));
    }
    this.#operations.set(delta.id, sum ? { ...joined(sum, delta), buckets } : { ...delta, buckets });
  }
}

function hasRoom<Key>(map: ReadonlyMap<Key, unknown>, key: Key, most = longestBatch): boolean {
  return map.size < most || map.has(key);
}

function added(sum: SampleDelta, delta: SampleDelta): SampleDelta {
  return {
    id: sum.id,
    samples: sum.samples + delta.samples,
    selfNs: sum.selfNs + delta.selfNs,
    totalNs: sum.totalNs + delta.totalNs,
  };
}

function joined(sum: Sum, delta: OperationDelta): Omit<Sum, 'buckets'> {
  const partly = sum.timed !== undefined || delta.timed !== undefined;
  const selfKnown = (sum.selfNs !== undefined || sum.count === 0) && (delta.selfNs !== undefined || delta.count === 0);
  const errorTypes: Record<string, number> = { ...sum.errorTypes };
  for (const [type, times] of Object.entries(delta.errorTypes ?? {}))
    errorTypes[type] = (errorTypes[type] ?? 0) + times;
  const least = leastOf(sum.minNs, delta.minNs);
  return {
    id: sum.id,
    count: sum.count + delta.count,
    ...(sum.partial || delta.partial ? { partial: true as const } : {}),
    ...(partly ? { timed: (sum.timed ?? sum.count) + (delta.timed ?? delta.count) } : {}),
    errors: sum.errors + delta.errors,
    totalNs: sum.totalNs + delta.totalNs,
    ...(sum.cpuNs !== undefined || delta.cpuNs !== undefined ? { cpuNs: (sum.cpuNs ?? 0) + (delta.cpuNs ?? 0) } : {}),
    ...(selfKnown ? { selfNs: (sum.selfNs ?? 0) + (delta.selfNs ?? 0) } : {}),
    ...(least === undefined ? {} : { minNs: least, maxNs: Math.max(sum.maxNs ?? 0, delta.maxNs ?? 0) }),
    hits: sum.hits + delta.hits,
    misses: sum.misses + delta.misses,
    ...(delta.active === undefined ? {} : { active: delta.active }),
    ...(Object.keys(errorTypes).length > 0 ? { errorTypes } : {}),
  };
}

function leastOf(first: number | undefined, second: number | undefined): number | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return Math.min(first, second);
}
