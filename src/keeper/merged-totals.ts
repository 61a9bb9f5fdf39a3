/**
 * Sum of the totals of many sources, sent as if a single one had reported them. Operations are the same if their
 * definitions are, so the size does not grow with the number of sources.
 */
import { type Batch, countCalls, type Definition, type GaugeEvent, type Hello } from '../protocol/batch/batch.ts';
import { protocolVersion } from '../protocol/batch/limits.ts';
import type { MemoryBudget } from '../protocol/batch/memory-budget.ts';
import { finite } from '../protocol/batch/operation-delta.ts';
import { SourceTotals } from '../protocol/batch/source-totals.ts';
import { toSpanDeltas, toStackDeltas } from '../protocol/batch/stacks/span-deltas.ts';
import { MergedStacks } from './merged-stacks.ts';

const sourceName = '(earlier)';

export class MergedTotals {
  readonly #totals: SourceTotals;
  readonly #budget: MemoryBudget;
  readonly #idByKey = new Map<string, number>();
  readonly #stacks = new MergedStacks();
  readonly #spans = new MergedStacks();
  /** Gauges that keep the values of sources that have ended, by component and name. */
  readonly #gauges = new Map<string, GaugeEvent>();
  #sources = 0;
  #events = 0;
  #counted = 0;
  /** Cost of recording and counting the calls, as each source has calibrated it. */
  #callsNs = 0;
  #flushNs = 0;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
    this.#totals = new SourceTotals(budget);
  }

  /** Adds the totals of a source that does not report any more. */
  add(batch: Batch): void {
    const idByOriginal = new Map<number, number>();
    const definitions: Definition[] = [];
    for (const definition of batch.definitions ?? []) {
      const id = this.#idOf(definition);
      if (id === undefined) continue;
      idByOriginal.set(definition.id, id);
      definitions.push({ ...definition, id });
    }
    const translated = <T extends { readonly id: number }>(deltas: readonly T[] = []): T[] =>
      deltas.flatMap((delta) => {
        const id = idByOriginal.get(delta.id);
        return id === undefined ? [] : [{ ...delta, id }];
      });
    const operations = translated(batch.operations).map(({ active: _, ...delta }) => delta);
    const calls = countCalls(batch) - countCalls({ operations });
    const { hello: _hello, bye: _bye, resources: _resources, dropped, ...rest } = batch;
    this.#sources++;
    const { events, counted = 0 } = batch.cost;
    this.#events += events;
    this.#counted += counted;
    this.#callsNs += events * (batch.hello?.recordNs ?? 0) + counted * (batch.hello?.countNs ?? 0);
    this.#flushNs += batch.cost.flushNs;
    this.#totals.add({
      ...rest,
      gauges: (batch.gauges ?? []).flatMap((gauge) => this.#sumGauge(gauge) ?? []),
      definitions,
      operations,
      samples: translated(batch.samples),
      ...this.#stacks.translate(batch, (id) => idByOriginal.get(id)),
      ...toSpanDeltas(this.#spans.translate(toStackDeltas(batch), (id) => idByOriginal.get(id))),
      blocks: [],
      blocksOmitted: (batch.blocksOmitted ?? 0) + (batch.blocks?.length ?? 0),
      dropped: { calls: calls + (dropped?.calls ?? 0), values: dropped?.values ?? 0 },
    });
  }

  /** Returns the sum as one batch, or none if nothing was added. */
  batches(): Batch[] {
    const batch = this.#totals.toBatch();
    if (!batch) return [];
    const calls = this.#events + this.#counted;
    const hello: Hello = {
      pid: 0,
      threadId: 0,
      runtime: '',
      name: `${this.#sources.toLocaleString('en')} earlier processes and threads`,
      wallStartMs: 0,
      // The same cost for each call, so that their sum is right.
      recordNs: calls > 0 ? this.#callsNs / calls : 0,
      countNs: calls > 0 ? this.#callsNs / calls : 0,
    };
    const cost = { events: this.#events, counted: this.#counted, flushNs: this.#flushNs };
    return [{ ...batch, v: protocolVersion, source: sourceName, hello, cost, bye: { reason: 'end' } }];
  }

  /** Returns the sum of a gauge over all sources; undefined for a gauge to which a source that has ended adds nothing. */
  #sumGauge(gauge: GaugeEvent): GaugeEvent | undefined {
    if (gauge.rule !== 'total') return undefined;
    const key = `${gauge.component}\0${gauge.name}`;
    const previous = this.#gauges.get(key);
    if (!previous && !this.#budget.takeEntry(key)) return undefined;
    const sum = { ...gauge, value: finite((previous?.value ?? 0) + gauge.value) };
    this.#gauges.set(key, sum);
    return sum;
  }

  #idOf({ component, name, kind, file, line }: Definition): number | undefined {
    const key = [component, name, kind, file ?? '', line ?? ''].join('\0');
    const existing = this.#idByKey.get(key);
    if (existing !== undefined) return existing;
    if (!this.#budget.takeEntry(key)) return undefined;
    const id = this.#idByKey.size;
    this.#idByKey.set(key, id);
    return id;
  }
}
