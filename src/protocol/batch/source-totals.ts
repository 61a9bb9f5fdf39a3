/**
 * Cumulative state of one source. Sent as a single batch to a host that connects for the first time, such as after a
 * window reload. Grows with the number of operations, not of batches, and never beyond what one batch can hold. What it
 * cannot hold is counted in the batch.
 */
import { defined } from '../defined.ts';
import type { Batch, CounterDelta, Definition, GaugeEvent, OperationDelta } from './batch.ts';
import { maxBatchEntries, maxBatchNotices } from './limits.ts';
import { MemoryBudget, textLengthOf } from './memory-budget.ts';
import { addDelta, addSamples, finite, OperationSum, SampleSum, saturate, toDelta } from './operation-delta.ts';
import { toSpanDeltas, toStackDeltas } from './stacks/span-deltas.ts';
import type { LoopBlockDelta } from './stacks/stack-delta.ts';
import { StackSums } from './stacks/stack-sums.ts';

/** Memory of one source. As JSON, the totals are about half as large and must not be longer than a line may be. */
const maxSourceBytes = 28 * 1024 * 1024;
/** Estimated sizes of the sums of an operation and of a bucket. */
const operationBytes = 400;
const bucketBytes = 24;
/** Maximum number and estimated size of blocks of the event loop. */
const maxBlocks = 2000;
const blockBytes = 100;

/** Properties that are not summed. */
type LastProperties = Omit<
  Batch,
  | 'definitions'
  | 'operations'
  | 'samples'
  | 'stackNodes'
  | 'stackSamples'
  | 'stackSamplesOmitted'
  | 'stackLines'
  | 'stackLineSource'
  | 'spanNodes'
  | 'spanTimes'
  | 'spanTimesOmitted'
  | 'blocks'
  | 'blocksOmitted'
  | 'counters'
  | 'gauges'
  | 'notices'
  | 'dropped'
>;

class OperationEntry {
  readonly sum = new OperationSum();
  readonly buckets = new Map<number, number>();
  active: number | undefined;
}

export class SourceTotals {
  readonly #budget: MemoryBudget;
  readonly #definitions = new Map<number, Definition>();
  readonly #operations = new Map<number, OperationEntry>();
  readonly #samples = new Map<number, SampleSum>();
  readonly #stacks: StackSums;
  readonly #spans: StackSums;
  #blocks: LoopBlockDelta[] = [];
  #blocksOmitted = 0;
  readonly #counters = new Map<string, CounterDelta>();
  readonly #gauges = new Map<string, GaugeEvent>();
  readonly #notices = new Set<string>();
  #droppedCalls = 0;
  #droppedValues = 0;
  #spansOmitted = 0;
  #itemsOmitted = 0;
  #last: LastProperties | undefined;
  #lastBytes = 0;

  /** @param budget the memory that all sources of a receiver share */
  constructor(budget?: MemoryBudget) {
    this.#budget = new MemoryBudget(maxSourceBytes, budget);
    this.#stacks = new StackSums(this.#budget);
    this.#spans = new StackSums(this.#budget);
  }

  add(batch: Batch): void {
    const { definitions, operations, samples, counters, gauges, notices, dropped, ...others } = batch;
    const { stackNodes, stackSamples, stackSamplesOmitted, stackLines, stackLineSource, ...unsampled } = others;
    const { spanNodes, spanTimes, spanTimesOmitted, blocks = [], blocksOmitted = 0, ...rest } = unsampled;
    // Examples are not repeated to another host, but counted.
    const { spans = [], items = [], spansOmitted = 0, itemsOmitted = 0, ...last } = rest;
    this.#spansOmitted += spansOmitted + spans.length;
    this.#itemsOmitted += itemsOmitted + items.length;
    this.#setLast({ ...this.#last, ...last, ...longestDelays(this.#last, last) }, last);
    for (const definition of definitions ?? []) this.#addDefinition(definition);
    for (const delta of operations ?? []) this.#addOperation(delta);
    for (const delta of samples ?? []) {
      let sum = this.#samples.get(delta.id);
      if (!sum && this.#takeRoom(this.#samples)) {
        sum = new SampleSum();
        this.#samples.set(delta.id, sum);
      }
      if (sum) addSamples(sum, delta);
    }
    this.#droppedValues += this.#stacks.add({
      ...defined({ stackNodes, stackSamples, stackSamplesOmitted, stackLines, stackLineSource }),
    });
    this.#droppedValues += this.#spans.add(toStackDeltas({ ...defined({ spanNodes, spanTimes, spanTimesOmitted }) }));
    this.#addBlocks(blocks, blocksOmitted);
    for (const counter of counters ?? []) this.#addCounter(counter);
    for (const gauge of gauges ?? []) {
      const key = `${gauge.component}\0${gauge.name}`;
      if (this.#gauges.has(key) || this.#takeRoom(this.#gauges, key, key)) this.#gauges.set(key, gauge);
    }
    for (const notice of notices ?? []) {
      if (this.#notices.has(notice)) continue;
      if (this.#notices.size < maxBatchNotices && this.#budget.takeEntry(notice)) this.#notices.add(notice);
      else this.#droppedValues++;
    }
    this.#droppedCalls += dropped?.calls ?? 0;
    this.#droppedValues += dropped?.values ?? 0;
  }

  /** Returns everything as one batch with the number 0, without examples such as spans; undefined before the first. */
  toBatch(): Batch | undefined {
    if (!this.#last) return undefined;
    const [calls, values] = [saturate(this.#droppedCalls), saturate(this.#droppedValues)];
    return {
      ...this.#last,
      sequence: 0,
      definitions: [...this.#definitions.values()],
      operations: [...this.#operations].map(([id, { sum, buckets, active }]) =>
        toDelta(sum, { id, buckets: [...buckets].flat(), ...(active === undefined ? {} : { active }) }),
      ),
      samples: [...this.#samples].map(([id, sum]) => ({ id, ...sum })),
      ...this.#stacks.toDeltas(),
      ...toSpanDeltas(this.#spans.toDeltas()),
      ...(this.#blocks.length > 0 ? { blocks: this.#blocks } : {}),
      ...(this.#blocksOmitted > 0 ? { blocksOmitted: saturate(this.#blocksOmitted) } : {}),
      counters: [...this.#counters.values()],
      gauges: [...this.#gauges.values()],
      ...(this.#spansOmitted > 0 ? { spansOmitted: saturate(this.#spansOmitted) } : {}),
      ...(this.#itemsOmitted > 0 ? { itemsOmitted: saturate(this.#itemsOmitted) } : {}),
      ...(calls + values > 0 ? { dropped: { calls, values } } : {}),
      ...(this.#notices.size > 0 ? { notices: [...this.#notices] } : {}),
    };
  }

  /** Gives the memory back to the budget. The totals must not be used afterwards. */
  release(): void {
    this.#budget.release();
  }

  /** Properties that a batch does not repeat keep their last value, such as hello, resources and sampling interval. */
  #setLast(last: LastProperties, changes: LastProperties): void {
    this.#last = last;
    // These are the only ones of any size.
    if (!changes.exact && !changes.validation) return;
    this.#budget.give(this.#lastBytes);
    this.#lastBytes = 2 * textLengthOf([last.exact, last.validation]);
    if (this.#budget.take(this.#lastBytes)) return;
    const { exact: _exact, validation: _validation, ...rest } = last;
    this.#last = rest;
    this.#lastBytes = 0;
    this.#droppedValues++;
  }

  #addDefinition(definition: Definition): void {
    const { id, component, name, file } = definition;
    const previous = this.#definitions.get(id);
    if (previous?.component === component && previous.name === name && previous.file === file) return;
    if (this.#takeRoom(this.#definitions, component, name, file)) this.#definitions.set(id, definition);
  }

  #addOperation(delta: OperationDelta): void {
    let entry = this.#operations.get(delta.id);
    if (!entry) {
      if (this.#operations.size >= maxBatchEntries || !this.#budget.take(operationBytes)) {
        this.#droppedCalls += delta.count;
        return;
      }
      entry = new OperationEntry();
      this.#operations.set(delta.id, entry);
    }
    addDelta(entry.sum, delta, this.#budget);
    entry.active = delta.active;
    for (let index = 0; index + 1 < delta.buckets.length; index += 2) {
      const [bucket, calls] = [delta.buckets[index] as number, delta.buckets[index + 1] as number];
      const previous = entry.buckets.get(bucket);
      if (previous !== undefined) entry.buckets.set(bucket, saturate(previous + calls));
      else if (entry.buckets.size < maxBatchEntries / 2 && this.#budget.take(bucketBytes))
        entry.buckets.set(bucket, calls);
      else this.#droppedValues++;
    }
  }

  #addBlocks(blocks: readonly LoopBlockDelta[], omitted: number): void {
    this.#blocksOmitted += omitted;
    for (const block of blocks) {
      if (this.#blocks.length < maxBlocks && this.#budget.take(blockBytes)) this.#blocks.push(block);
      else this.#blocksOmitted++;
    }
  }

  #addCounter(counter: CounterDelta): void {
    const key = `${counter.component}\0${counter.name}`;
    const previous = this.#counters.get(key);
    if (!previous && !this.#takeRoom(this.#counters, key, key)) return;
    this.#counters.set(key, { ...counter, delta: finite((previous?.delta ?? 0) + counter.delta) });
  }

  /** Takes memory for a new entry with these texts. Counts a value as dropped if there is no room. */
  #takeRoom(entries: ReadonlyMap<unknown, unknown>, ...texts: readonly (string | undefined)[]): boolean {
    if (entries.size < maxBatchEntries && this.#budget.takeEntry(...texts)) return true;
    this.#droppedValues++;
    return false;
  }
}

/** Returns the delays of the event loop, which a later batch must not shorten. */
function longestDelays(previous: LastProperties | undefined, last: LastProperties): Partial<LastProperties> {
  const loopDelayNs = Math.max(previous?.loopDelayNs ?? 0, last.loopDelayNs ?? 0);
  const resources = last.resources ?? previous?.resources;
  const eventLoopDelayP99Ns = Math.max(
    previous?.resources?.eventLoopDelayP99Ns ?? 0,
    last.resources?.eventLoopDelayP99Ns ?? 0,
  );
  return {
    ...(loopDelayNs > 0 ? { loopDelayNs } : {}),
    ...(resources ? { resources: { ...resources, eventLoopDelayP99Ns } } : {}),
  };
}
