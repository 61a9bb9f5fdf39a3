/**
 * Records batches in bounded memory and with exact counts. It does not interpret them; `buildSnapshot` does. Times are
 * nanoseconds since the start of the run, passed in by the caller.
 */
import {
  type Batch,
  type CounterDelta,
  countCalls,
  type Definition,
  type DroppedRecords,
  type OperationDelta,
  type ResourceSample,
} from '../../protocol/batch/batch.ts';
import { maxSources } from '../../protocol/batch/limits.ts';
import { textLengthOf } from '../../protocol/batch/memory-budget.ts';
import { finite } from '../../protocol/batch/operation-delta.ts';
import { toStackDeltas } from '../../protocol/batch/stacks/span-deltas.ts';
import { defined } from '../../protocol/defined.ts';
import type { Stacks } from '../../protocol/stacks.ts';
import type { TreeSample, TreeUsage } from '../../protocol/tree-sample.ts';
import type { ValidationState } from '../../protocol/validation/validation-state.ts';
import { unassignedComponent } from '../code/code-place.ts';
import { RunCode } from '../code/run-code.ts';
import { ComponentCatalog, componentLimits } from './components/component-catalog.ts';
import type { ComponentTotals } from './components/component-totals.ts';
import { Items, Spans } from './items.ts';
import { TreeTotals } from './levels/tree-totals.ts';
import { Notices } from './notices.ts';
import { maxOperations, OperationCatalog } from './operation-catalog.ts';
import type { OperationTotals } from './operation-totals.ts';
import { createRecorderBudgets } from './recorder-budgets.ts';
import { SeriesStore } from './series/series-store.ts';
import { clockOffsetNs, clockToleranceNs } from './sources/clock-offset.ts';
import { Launchers } from './sources/launchers.ts';
import type { RecordedSource } from './sources/recorded-source.ts';
import { SourceRegistry } from './sources/source-registry.ts';
import { LoopBlocks } from './stacks/loop-blocks.ts';
import { SourceStacks, type TimeRange } from './stacks/source-stacks.ts';
import { StackFunctions } from './stacks/stack-functions.ts';

/** Maximum numbers of sources at the same time, of components and of operations; what is beyond is counted as dropped. */
export const limits = { sources: maxSources, ...componentLimits, operations: maxOperations } as const;
/** Maximum length of the state of a validation, in UTF-16 code units. */
const maxValidationLength = 1024 * 1024;

interface RecorderOptions {
  /** Components known in advance, in display order. */
  readonly components: readonly string[];
  /** The operation whose latency is the latency of the pipeline; all operations together if absent. */
  readonly unit?: { readonly component: string; readonly operation: string };
  /** Counters that get a rate series; every counter if absent or empty. */
  readonly throughput?: readonly { readonly component: string; readonly counter: string }[];
  /** Wall clock at the start of the run, epoch milliseconds. Used only to place spans. */
  readonly wallStartMs: number;
  /** Returns the path to display for a file that a guest names: relative to the workspace if it is inside. */
  readonly displayPathOf: (file: string) => string;
  /** Returns the component of an operation, if the guest does not assign one; `file` is the path to display. */
  readonly componentOf?: (definition: Definition) => string;
}

export class Recorder {
  readonly items = new Items();
  readonly spans = new Spans();
  readonly series = new SeriesStore();
  readonly notices = new Notices();
  readonly dropped = { spans: 0, items: 0, batches: 0, calls: 0, values: 0 };
  readonly sources: SourceRegistry;
  readonly tree = new TreeTotals();
  readonly stackFunctions = new StackFunctions();
  readonly blocks: LoopBlocks;
  readonly code: RunCode;
  readonly #options: RecorderOptions;
  readonly #budgets = createRecorderBudgets();
  readonly #components = new ComponentCatalog(this.#budgets);
  readonly #operations = new OperationCatalog(this.#budgets);
  readonly #launchers = new Launchers();
  /** Latest state that the built-in validation reported. */
  validation: ValidationState | undefined;
  /** Interval of the stack samples received last. */
  samplingNs: number | undefined;
  #changes = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.code = new RunCode(options.components);
    this.blocks = new LoopBlocks(this.stackFunctions, options.wallStartMs);
    this.sources = new SourceRegistry(this.#budgets.operationIds, (source) => {
      for (const component of this.#components.byName.values()) component.endSource(source);
    });
    for (const name of options.components) this.#components.create(name);
  }

  /** Rises with everything recorded; if it is unchanged, a new snapshot would equal the previous one. */
  get changes(): number {
    return this.#changes;
  }

  /** Components by name. */
  get components(): ReadonlyMap<string, ComponentTotals> {
    return this.#components.byName;
  }

  /** Operations by component, name and place. */
  get operations(): ReadonlyMap<string, OperationTotals> {
    return this.#operations.byKey;
  }

  /** Number of distinct operations beyond the limit. */
  get operationsOmitted(): number {
    return this.#operations.omitted;
  }

  /** Returns the stacks of a part of the run, or of all of it with the cost of lines; undefined if none were sampled. */
  stacks(range?: TimeRange): Stacks | undefined {
    const threads = this.sources.stacks(range);
    if (threads.length === 0) return undefined;
    return { functions: this.stackFunctions.list(), threads, ...defined({ lineSource: this.sources.lineSource }) };
  }

  /** @param isBacklog true if the batch covers a time before the host connected: it counts in totals, but in no series or rate */
  ingest(batch: Batch, nowNs: number, isBacklog = false): void {
    const arrival = this.sources.receive(batch, nowNs);
    if (arrival.kind === 'repeated') return;
    this.#changes++;
    if (arrival.kind === 'refused') {
      this.dropped.batches++;
      this.#drop({ calls: countCalls(batch) + (batch.dropped?.calls ?? 0) });
      return;
    }
    const { source, lostBatches } = arrival;
    this.dropped.batches += lostBatches;
    // Even without anyone who looks at the series, what happens now must not be added to what happened before.
    this.series.advance(nowNs);
    // The cost is cumulative, so that a batch without it leaves it as it is.
    if (batch.cost.events >= source.cost.events) source.cost = batch.cost;
    const { batch: counted, released } = this.#launchers.filter(batch, source);
    if (released) this.#recordWork(released, source, nowNs, true);
    this.#recordWork(counted, source, nowNs, isBacklog);
    if (batch.resources) this.#addResources(source, batch.resources, nowNs, isBacklog);
    this.#addValidation(batch.validation);
    if (batch.bye) this.sources.end(source, batch.source);
  }

  /** Counts the processes that only seemed to start others. To be called once at the end of the run. */
  endLaunchers(nowNs: number): void {
    for (const [source, released] of this.#launchers.releaseAll()) this.#recordWork(released, source, nowNs, true);
  }

  #recordWork(batch: Batch, source: RecordedSource, nowNs: number, isBacklog: boolean): void {
    this.#drop(batch.dropped ?? {});
    this.#drop({ values: this.notices.add(batch.notices) });
    for (const definition of batch.definitions ?? []) this.#define(source, definition);
    for (const delta of batch.operations ?? []) this.#add(source, delta, batch.source, isBacklog ? undefined : nowNs);
    this.samplingNs = batch.samplingNs ?? this.samplingNs;
    this.#addSamples(batch, source, isBacklog ? undefined : nowNs);
    this.#drop({ values: this.blocks.add(batch, source, nowNs) });
    this.#addCounters(batch, isBacklog);
    this.#addExamples(batch, source, nowNs);
    if (batch.loopDelayNs !== undefined) this.#addLoopDelay(source, batch.loopDelayNs, isBacklog);
  }

  /** Counts batches that could not be read, or that others could not keep. */
  reject({ batches = 0, ...records }: DroppedRecords & { readonly batches?: number }): void {
    this.#changes++;
    this.dropped.batches += batches;
    this.#drop(records);
  }

  sampleTree(sample: TreeSample, nowNs: number): void {
    this.#changes++;
    this.tree.sample(sample, nowNs, this.series.slotOf({ kind: 'process' }), this.#launchers.takeCpuNs());
  }

  /** Adds what the process tree has used from its start until now. */
  addUsage(usage: TreeUsage): void {
    this.#changes++;
    this.tree.addUsage(usage);
  }

  #drop({ calls = 0, values = 0 }: DroppedRecords): void {
    this.dropped.calls += calls;
    this.dropped.values += values;
  }

  #define(source: RecordedSource, received: Definition): void {
    const { file } = received;
    const displayed = file === undefined ? received : { ...received, file: this.#options.displayPathOf(file) };
    const component = this.#components.find(this.#options.componentOf?.(displayed) ?? received.component);
    const operation = this.#operations.define({ ...displayed, component: component.name }, component);
    if (operation && received.component === unassignedComponent) this.code.add(operation);
    // Calls of an operation without a number are counted as dropped when they arrive.
    if (operation && !this.sources.assign(source, received.id, operation)) this.#drop({ values: 1 });
  }

  #add(source: RecordedSource, delta: OperationDelta, sourceName: string, nowNs: number | undefined): void {
    const operation = source.operations.get(delta.id);
    if (!operation) {
      this.#drop({ calls: delta.count });
      return;
    }
    if (operation.add(delta, sourceName, nowNs) > 0) this.#drop({ values: 1 });
    source.calls += delta.count;
    if (nowNs !== undefined) this.#addToSeries(operation.definition, delta);
  }

  #addSamples(batch: Batch, source: RecordedSource, nowNs: number | undefined): void {
    for (const delta of batch.samples ?? []) {
      const operation = source.operations.get(delta.id);
      if (operation) operation.addSamples(delta);
      else this.#drop({ values: 1 });
      source.sampledNs = finite((source.sampledNs ?? 0) + delta.selfNs);
    }
    if (batch.spanNodes || batch.spanTimes) {
      source.spans ??= new SourceStacks(this.stackFunctions, this.#budgets.stacks, 'wall');
      this.#drop({ values: source.spans.add(toStackDeltas(batch), source.operations, nowNs).dropped });
    }
    if (!batch.stackNodes && !batch.stackSamples) return;
    source.stacks ??= new SourceStacks(this.stackFunctions, this.#budgets.stacks);
    const { cpuNs, dropped } = source.stacks.add(batch, source.operations, nowNs);
    source.sampledNs = finite((source.sampledNs ?? 0) + cpuNs);
    this.#drop({ values: dropped });
  }

  #addToSeries({ component, name }: Definition, delta: OperationDelta): void {
    const { unit } = this.#options;
    const isUnit = !unit || (unit.component === component && unit.operation === name);
    this.series.slotOf({ kind: 'run' })?.addCalls(delta);
    const slots = [this.series.slotOf({ kind: 'component', name: component })];
    if (isUnit) slots.push(this.series.slotOf({ kind: 'unit' }));
    for (const slot of slots) {
      slot?.addCalls(delta);
      slot?.addBuckets(delta.buckets);
    }
  }

  #addCounters(batch: Batch, isBacklog: boolean): void {
    for (const counter of batch.counters ?? []) {
      if (!this.#components.find(counter.component).addCounter(counter)) this.#drop({ values: 1 });
      if (isBacklog || !this.#hasRateSeries(counter)) continue;
      const slot = this.series.slotOf({ kind: 'counter', name: counter.name });
      if (slot) slot.amount += counter.delta;
    }
    for (const gauge of batch.gauges ?? []) {
      if (!this.#components.find(gauge.component).setGauge(batch.source, gauge)) this.#drop({ values: 1 });
    }
  }

  #hasRateSeries({ component, name }: CounterDelta): boolean {
    const { throughput } = this.#options;
    return !throughput?.length || throughput.some((entry) => entry.component === component && entry.counter === name);
  }

  #addExamples(batch: Batch, source: RecordedSource, nowNs: number): void {
    this.dropped.spans += batch.spansOmitted ?? 0;
    this.dropped.items += batch.itemsOmitted ?? 0;
    for (const item of batch.items ?? []) this.#drop({ values: this.items.add(item, this.#options.displayPathOf) });
    const offsetNs = clockOffsetNs(batch, source, this.#options.wallStartMs, nowNs);
    for (const span of batch.spans ?? []) {
      const definition = source.operations.get(span.id)?.definition;
      if (!definition) {
        this.dropped.spans++;
        continue;
      }
      const { component, name } = definition;
      // No span of a run starts after now, whatever a clock or a guest says.
      const startNs = Math.min(span.startNs + offsetNs, nowNs + clockToleranceNs);
      this.#drop({ values: this.spans.add({ ...span, startNs }, { source: batch.source, component, name }) });
    }
  }

  /** A delay of the past counts only as the longest one, because it is not known when it was. */
  #addLoopDelay(source: RecordedSource, delayNs: number, isBacklog: boolean): void {
    source.loopDelayNs = Math.max(source.loopDelayNs ?? 0, delayNs);
    if (!isBacklog) this.series.slotOf({ kind: 'process' })?.observe('eventLoopDelayNs', delayNs);
  }

  #addResources(source: RecordedSource, sample: ResourceSample, nowNs: number, isBacklog: boolean): void {
    const isCounted = !this.#launchers.isHeldBack(source);
    this.sources.setResources(source, sample, nowNs, isCounted);
    // Python programs report 0, because most of them have no event loop.
    const hasLoop = source.hello?.runtime.startsWith('python') !== true;
    if (hasLoop) this.#addLoopDelay(source, sample.eventLoopDelayP99Ns, isBacklog || !isCounted);
    const process = this.series.slotOf({ kind: 'process' });
    const { heapBytes, gcRatio } = this.sources.running.sum;
    if (heapBytes > 0) process?.observe('heapBytes', heapBytes);
    if (gcRatio !== undefined) process?.observe('gcRatio', gcRatio);
  }

  #addValidation(validation: ValidationState | undefined): void {
    if (!validation) return;
    if (textLengthOf(validation.checks) <= maxValidationLength) this.validation = validation;
    else this.#drop({ values: 1 });
  }
}
