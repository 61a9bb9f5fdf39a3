/**
 * Records batches in bounded memory and with exact counts. It does not interpret them; `buildSnapshot` does. Times are
 * nanoseconds since the start of the run, passed in by the caller.
 */
import type { Batch, CounterDelta, Definition, OperationDelta, ResourceSample } from '../../protocol/batch/batch.ts';
import { maxSources } from '../../protocol/batch/limits.ts';
import type { TreeSample } from '../../protocol/tree-sample.ts';
import type { ValidationState } from '../../protocol/validation-state.ts';
import { ComponentTotals } from './component-totals.ts';
import { Items, Spans } from './items.ts';
import { OperationTotals } from './operation-totals.ts';
import { type Scope, SeriesStore } from './series-store.ts';
import { type RecordedSource, SourceRegistry } from './source-registry.ts';

/** Maximum numbers of sources, components and operations; further ones are counted as dropped. */
export const limits = { sources: maxSources, components: 64, operations: 5000 } as const;
const maxGauges = 100;

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

/** Returns the cumulative values of a sample, which never fall although the system may forget those of an ended process. */
function cumulative(previous: TreeSample | undefined, sample: TreeSample): Partial<TreeSample> {
  const names = ['cpuNs', 'readBytes', 'writtenBytes'] as const;
  const present = names.filter((name) => (sample[name] ?? previous?.[name]) !== undefined);
  return Object.fromEntries(present.map((name) => [name, Math.max(sample[name] ?? 0, previous?.[name] ?? 0)]));
}

/** Identifies an operation across all sources. Functions with the same name in two files are two operations. */
function keyOf({ component, name, kind, file }: Definition): string {
  return [component, name, ...(kind === 'function' && file !== undefined ? [file] : [])].join('\0');
}

export class Recorder {
  readonly components = new Map<string, ComponentTotals>();
  readonly operations = new Map<string, OperationTotals>();
  readonly items = new Items();
  readonly spans = new Spans();
  readonly series = new SeriesStore();
  readonly sources = new SourceRegistry();
  readonly #options: RecorderOptions;
  readonly dropped = { spans: 0, items: 0, batches: 0, operations: 0 };
  peakRssBytes = 0;
  /** Latest state that the built-in validation reported. */
  validation: ValidationState | undefined;
  tree: TreeSample | undefined;
  cpuRatio: number | undefined;
  #treeAtNs = 0;
  #changes = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
    for (const name of options.components) this.components.set(name, new ComponentTotals(name));
  }

  /** Rises with everything recorded; if it is unchanged, a new snapshot would equal the previous one. */
  get changes(): number {
    return this.#changes;
  }

  /** @param isBacklog true if the batch covers a time before the host connected: it counts in totals, but in no series or rate */
  ingest(batch: Batch, nowNs: number, isBacklog = false): void {
    const { source, lost } = this.sources.receive(batch);
    this.dropped.batches += lost;
    if (!source) return;
    this.#changes++;
    source.cost = batch.cost;
    for (const definition of batch.definitions ?? []) this.#define(source, definition);
    for (const delta of batch.operations ?? []) this.#add(source, delta, batch.source, isBacklog ? undefined : nowNs);
    for (const delta of batch.samples ?? []) {
      source.operations.get(delta.id)?.addSamples(delta);
      source.sampledNs = (source.sampledNs ?? 0) + delta.selfNs;
    }
    this.#addCounters(batch, isBacklog);
    this.#addExamples(batch, source);
    if (batch.resources) this.#addResources(source, batch.resources, nowNs);
    this.validation = batch.validation ?? this.validation;
    source.ended ||= batch.bye !== undefined;
    if (batch.bye) for (const operation of source.operations.values()) operation.active.delete(batch.source);
  }

  /** Counts batches that could not be read. */
  reject(batches = 1): void {
    this.#changes++;
    this.dropped.batches += batches;
  }

  sampleTree(sample: TreeSample, nowNs: number): void {
    this.#changes++;
    const process = this.series.slotOf({ kind: 'process' });
    const elapsedNs = nowNs - this.#treeAtNs;
    if (this.tree && elapsedNs > 0) {
      // The CPU time of an ended process may vanish from the sum, so the difference can be negative.
      this.cpuRatio = Math.max(0, sample.cpuNs - this.tree.cpuNs) / elapsedNs;
      process?.observe('cpuRatio', this.cpuRatio);
      for (const name of ['readBytes', 'writtenBytes'] as const) {
        const [now, before] = [sample[name], this.tree[name]];
        if (now !== undefined && before !== undefined)
          process?.observe(name, (Math.max(0, now - before) * 1e9) / elapsedNs);
      }
    }
    process?.observe('rssBytes', sample.rssBytes);
    this.peakRssBytes = Math.max(this.peakRssBytes, sample.rssBytes);
    this.tree = { ...sample, ...cumulative(this.tree, sample) };
    this.#treeAtNs = nowNs;
  }

  #component(name: string): ComponentTotals {
    const existing = this.components.get(name);
    if (existing) return existing;
    if (this.components.size >= limits.components && name !== 'other') return this.#component('other');
    const component = new ComponentTotals(name);
    this.components.set(name, component);
    return component;
  }

  #define(source: RecordedSource, received: Definition): void {
    const { file } = received;
    const displayed = file === undefined ? received : { ...received, file: this.#options.displayPathOf(file) };
    const component = this.#component(this.#options.componentOf?.(displayed) ?? received.component).name;
    const definition = { ...displayed, component };
    const key = keyOf(definition);
    let operation = this.operations.get(key);
    if (!operation && this.operations.size < limits.operations) {
      operation = new OperationTotals(definition);
      this.operations.set(key, operation);
    }
    if (operation) source.operations.set(received.id, operation);
    else this.dropped.operations++;
  }

  #add(source: RecordedSource, delta: OperationDelta, sourceName: string, nowNs: number | undefined): void {
    const operation = source.operations.get(delta.id);
    if (!operation) return;
    operation.add(delta, sourceName);
    source.calls += delta.count;
    const { component, name } = operation.definition;
    this.#component(component).add(delta, nowNs);
    if (nowNs === undefined) return;
    const unit = this.#options.unit;
    const scopes: Scope[] = [{ kind: 'run' }, { kind: 'component', name: component }];
    if (!unit || (unit.component === component && unit.operation === name)) scopes.push({ kind: 'unit' });
    for (const scope of scopes) {
      const slot = this.series.slotOf(scope);
      if (!slot) continue;
      slot.count += delta.count;
      slot.errors += delta.errors;
      slot.hits += delta.hits;
      slot.misses += delta.misses;
      if (scope.kind !== 'run') slot.addBuckets(delta.buckets);
    }
  }

  #addCounters(batch: Batch, isBacklog: boolean): void {
    for (const counter of batch.counters ?? []) {
      this.#component(counter.component).addCounter(counter);
      if (isBacklog || !this.#hasRateSeries(counter)) continue;
      const slot = this.series.slotOf({ kind: 'counter', name: counter.name });
      if (slot) slot.amount += counter.delta;
    }
    for (const { component, name, value, unit } of batch.gauges ?? []) {
      const gauges = this.#component(component).gauges;
      if (gauges.has(name) || gauges.size < maxGauges) gauges.set(name, { value, unit });
    }
  }

  #hasRateSeries({ component, name }: CounterDelta): boolean {
    const { throughput } = this.#options;
    return !throughput?.length || throughput.some((entry) => entry.component === component && entry.counter === name);
  }

  #addExamples(batch: Batch, source: RecordedSource): void {
    this.dropped.spans += batch.spansOmitted ?? 0;
    this.dropped.items += batch.itemsOmitted ?? 0;
    for (const item of batch.items ?? []) this.items.add(item, this.#options.displayPathOf);
    const offsetNs = ((source.hello?.wallStartMs ?? this.#options.wallStartMs) - this.#options.wallStartMs) * 1e6;
    for (const span of batch.spans ?? []) {
      const definition = source.operations.get(span.id)?.definition;
      if (!definition) continue;
      this.spans.add(span, { source: batch.source, component: definition.component, name: definition.name, offsetNs });
    }
  }

  #addResources(source: RecordedSource, sample: ResourceSample, nowNs: number): void {
    const [previous, elapsedNs] = [source.resources, nowNs - source.resourcesAtNs];
    source.resources = sample;
    source.resourcesAtNs = nowNs;
    const process = this.series.slotOf({ kind: 'process' });
    process?.observe('eventLoopDelayNs', sample.eventLoopDelayP99Ns);
    const { heapBytes } = this.sources.resources();
    if (heapBytes > 0) process?.observe('heapBytes', heapBytes);
    if (sample.gcNs === undefined || previous?.gcNs === undefined || elapsedNs <= 0) return;
    process?.observe('gcRatio', Math.max(0, sample.gcNs - previous.gcNs) / elapsedNs);
  }
}
