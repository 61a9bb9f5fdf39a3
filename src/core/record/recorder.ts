/**
 * Takes in what probes say and keeps it: immediate, bounded and exact in its counts. It decides nothing; what the
 * numbers mean is the judge's matter (`judge.ts`). Times are nanoseconds since the start of the run, handed in.
 */
import type { Batch, CounterDelta, Definition, OperationDelta, ResourceSample } from '../../protocol/event.ts';
import { Component } from './component-totals.ts';
import { Items, Spans } from './items.ts';
import { Tally } from './operation-totals.ts';
import { type Scope, SeriesKeeper } from './series-keeper.ts';
import { mostSources, type Source, Sources } from './sources.ts';

/** Sources, components and operations kept apart; what comes later is counted as left out. */
export const limits = { sources: mostSources, components: 64, operations: 5000 } as const;

export interface RecorderOptions {
  /** Components known beforehand, in the order in which they are shown. */
  readonly components: readonly string[];
  /** The operation whose latency is the pipeline's; all together where none is named. */
  readonly unit?: { readonly component: string; readonly operation: string };
  /** Counters kept over time; every one where none is named. */
  readonly throughput?: readonly { readonly component: string; readonly counter: string }[];
  /** Wall clock at the start of the run, epoch milliseconds: places spans, nothing else. */
  readonly wallStartMs: number;
  /** How a file that a guest names is shown: relative to the workspace where it is inside. */
  readonly placeOf: (file: string) => string;
  /** Component of an operation whose guest knows none of its own; `file` as it is shown. */
  readonly componentOf?: (definition: Definition) => string;
}

/** A look at the process tree from outside. */
export interface TreeSample {
  readonly rssBytes: number;
  /** Cumulative, of all processes that have lived. */
  readonly cpuNs: number;
  readonly processes: number;
  readonly threads?: number;
  /** Cumulative, as `cpuNs`. */
  readonly readBytes?: number;
  readonly writtenBytes?: number;
}

/** What is cumulative never falls, though the system may forget what an ended process had. */
function atLeast(before: TreeSample | undefined, now: TreeSample): Partial<TreeSample> {
  const names = ['cpuNs', 'readBytes', 'writtenBytes'] as const;
  const known = names.filter((name) => (now[name] ?? before?.[name]) !== undefined);
  return Object.fromEntries(known.map((name) => [name, Math.max(now[name] ?? 0, before?.[name] ?? 0)]));
}

/** Stages and checks go by their name; functions of the same name in two files are two. */
function keyOf({ component, name, kind, file }: Definition): string {
  return [component, name, ...(kind === 'function' && file !== undefined ? [file] : [])].join('\0');
}

export class Recorder {
  readonly components = new Map<string, Component>();
  readonly tallies = new Map<string, Tally>();
  readonly items = new Items();
  readonly spans = new Spans();
  readonly series = new SeriesKeeper();
  readonly sources = new Sources();
  readonly #options: RecorderOptions;
  readonly dropped = { spans: 0, items: 0, batches: 0, operations: 0 };
  peakRssBytes = 0;
  tree: TreeSample | undefined;
  cpuRatio: number | undefined;
  #treeAtNs = 0;
  #changes = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
    for (const name of options.components) this.components.set(name, new Component(name));
  }

  /** Rises with everything taken in: unchanged means that there is nothing new to judge. */
  get changes(): number {
    return this.#changes;
  }

  /** @param past tells of a time at which nobody recorded: it counts in totals, in no series and no rate */
  take(batch: Batch, nowNs: number, past = false): void {
    const source = this.sources.of(batch);
    if (!source) {
      this.dropped.batches++;
      return;
    }
    // A reconnecting guest may repeat itself; what was counted once is not counted again.
    if (batch.sequence < source.next) return;
    this.#changes++;
    this.dropped.batches += batch.sequence - source.next;
    source.next = batch.sequence + 1;
    if (batch.hello) source.hello = batch.hello;
    source.cost = batch.cost;
    for (const definition of batch.definitions ?? []) this.#define(source, definition);
    for (const delta of batch.operations ?? []) this.#add(source, delta, batch.source, past ? undefined : nowNs);
    for (const delta of batch.samples ?? []) {
      source.tallies.get(delta.id)?.addSamples(delta);
      source.sampledNs = (source.sampledNs ?? 0) + delta.selfNs;
    }
    this.#addCounters(batch, past);
    this.#addExamples(batch, source);
    if (batch.resources) this.#addResources(source, batch.resources, nowNs);
    source.ended ||= batch.bye !== undefined;
    if (batch.bye) for (const tally of source.tallies.values()) tally.active.delete(batch.source);
  }

  /** Batches that could not be read. */
  reject(batches = 1): void {
    this.#changes++;
    this.dropped.batches += batches;
  }

  sampleTree(sample: TreeSample, nowNs: number): void {
    this.#changes++;
    const process = this.series.at({ kind: 'process' });
    const elapsedNs = nowNs - this.#treeAtNs;
    if (this.tree && elapsedNs > 0) {
      // A process that has ended takes its time with it where the system no longer tells it: never below zero.
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
    this.tree = { ...sample, ...atLeast(this.tree, sample) };
    this.#treeAtNs = nowNs;
  }

  #component(name: string): Component {
    const known = this.components.get(name);
    if (known) return known;
    if (this.components.size >= limits.components && name !== 'other') return this.#component('other');
    const component = new Component(name);
    this.components.set(name, component);
    return component;
  }

  #define(source: Source, told: Definition): void {
    const placed = told.file === undefined ? told : { ...told, file: this.#options.placeOf(told.file) };
    const component = this.#component(this.#options.componentOf?.(placed) ?? told.component).name;
    const key = keyOf({ ...placed, component });
    let tally = this.tallies.get(key);
    if (!tally && this.tallies.size < limits.operations) {
      tally = new Tally({ ...placed, component });
      this.tallies.set(key, tally);
    }
    if (tally) source.tallies.set(told.id, tally);
    else this.dropped.operations++;
  }

  #add(source: Source, delta: OperationDelta, name: string, nowNs: number | undefined): void {
    const tally = source.tallies.get(delta.id);
    if (!tally) return;
    tally.add(delta, name);
    source.calls += delta.count;
    const { component, name: operation } = tally.definition;
    this.#component(component).add(delta, nowNs);
    if (nowNs === undefined) return;
    const unit = this.#options.unit;
    const scopes: Scope[] = [{ kind: 'run' }, { kind: 'component', name: component }];
    if (!unit || (unit.component === component && unit.operation === operation)) scopes.push({ kind: 'unit' });
    for (const scope of scopes) {
      const slot = this.series.at(scope);
      if (!slot) continue;
      slot.count += delta.count;
      slot.errors += delta.errors;
      slot.hits += delta.hits;
      slot.misses += delta.misses;
      if (scope.kind !== 'run') slot.addBuckets(delta.buckets);
    }
  }

  #addCounters(batch: Batch, past: boolean): void {
    for (const counter of batch.counters ?? []) {
      this.#component(counter.component).addCounters([counter]);
      if (past || !this.#isThroughput(counter)) continue;
      const slot = this.series.at({ kind: 'counter', name: counter.name });
      if (slot) slot.amount += counter.delta;
    }
    for (const { component, name, value, unit } of batch.gauges ?? []) {
      const gauges = this.#component(component).gauges;
      if (gauges.has(name) || gauges.size < 100) gauges.set(name, { value, unit });
    }
  }

  #isThroughput(counter: CounterDelta): boolean {
    const wanted = this.#options.throughput;
    return !wanted?.length || wanted.some((one) => one.component === counter.component && one.counter === counter.name);
  }

  #addExamples(batch: Batch, source: Source): void {
    this.dropped.spans += batch.spansOmitted ?? 0;
    this.dropped.items += batch.itemsOmitted ?? 0;
    for (const item of batch.items ?? []) this.items.add(item, this.#options.placeOf);
    const offsetNs = ((source.hello?.wallStartMs ?? this.#options.wallStartMs) - this.#options.wallStartMs) * 1e6;
    for (const span of batch.spans ?? []) {
      const definition = source.tallies.get(span.id)?.definition;
      if (!definition) continue;
      this.spans.add(span, { source: batch.source, component: definition.component, name: definition.name, offsetNs });
    }
  }

  #addResources(source: Source, sample: ResourceSample, nowNs: number): void {
    const [before, elapsedNs] = [source.resources, nowNs - source.resourcesAtNs];
    source.resources = sample;
    source.resourcesAtNs = nowNs;
    const process = this.series.at({ kind: 'process' });
    process?.observe('eventLoopDelayNs', sample.eventLoopDelayP99Ns);
    const { heapBytes } = this.sources.resources();
    if (heapBytes > 0) process?.observe('heapBytes', heapBytes);
    if (sample.gcNs === undefined || before?.gcNs === undefined || elapsedNs <= 0) return;
    process?.observe('gcRatio', Math.max(0, sample.gcNs - before.gcNs) / elapsedNs);
  }
}
