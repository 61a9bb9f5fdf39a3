/** The processes and threads that report to a run, and their sums. */
import type { Batch, Hello, ResourceSample } from '../../../protocol/batch/batch.ts';
import type { MemoryBudget } from '../../../protocol/batch/memory-budget.ts';
import { finite, saturate } from '../../../protocol/batch/operation-delta.ts';
import { type Arrival, SourceTable } from '../../../protocol/batch/sequence.ts';
import { defined } from '../../../protocol/defined.ts';
import type { ProcessState } from '../../../protocol/snapshot.ts';
import { type LineSource, type ThreadStacks, weakerSource } from '../../../protocol/stacks.ts';
import type { ThreadSlices } from '../../stacks/time-order.ts';
import { RunningProcesses } from '../levels/running-processes.ts';
import type { OperationTotals } from '../operation-totals.ts';
import { RetiredStacks } from '../stacks/retired-stacks.ts';
import type { SourceStacks, TimeRange } from '../stacks/source-stacks.ts';
import { sourceSlices, sourceThreads } from '../stacks/source-threads.ts';
import { foldOutsideSources } from './fold-outside-sources.ts';
import { callsNsOf, createSource, type RecordedSource } from './recorded-source.ts';

/** Estimated size of the number that a source uses for an operation. */
const idBytes = 50;
/** Maximum length of the name and runtime that are shown for a source. */
const maxShownLength = 200;

/** Sums of the sources that have made room for others. */
interface RetiredTotals {
  sources: number;
  calls: number;
  sampledNs: number;
  events: number;
  counted: number;
  callsNs: number;
  flushNs: number;
  cpuNs: number;
  gcNs: number;
}

/** Cost of all probes in the program. */
interface GuestCost {
  /** Median cost of one recorded call. */
  readonly recordNs: number;
  readonly events: number;
  readonly counted: number;
  /** Time that recording and counting took. */
  readonly callsNs: number;
  readonly flushNs: number;
}

export class SourceRegistry {
  readonly #ids: MemoryBudget;
  readonly #sources = new SourceTable<RecordedSource>({
    create: createSource,
    onReplaced: (source, name) => this.#endReplaced(source, name),
    onRetired: (source, name) => this.#retire(source, name),
  });
  readonly #retired: RetiredTotals = {
    sources: 0,
    calls: 0,
    sampledNs: 0,
    events: 0,
    counted: 0,
    callsNs: 0,
    flushNs: 0,
    cpuNs: 0,
    gcNs: 0,
  };
  readonly running = new RunningProcesses();
  /** Stacks of the sources that have made room for others. */
  readonly #retiredStacks = new RetiredStacks();
  readonly #retiredSpans = new RetiredStacks();
  readonly #onEnded: (source: string) => void;

  /**
   * @param ids memory for the numbers that sources use for their operations
   * @param onEnded called with the name of a source when it ends, possibly more than once
   */
  constructor(ids: MemoryBudget, onEnded: (source: string) => void = () => undefined) {
    this.#ids = ids;
    this.#onEnded = onEnded;
  }

  /** Finds or adds the source of a batch; see `SourceTable.receive`. */
  receive(batch: Batch, nowNs: number): Arrival<RecordedSource> {
    return this.#sources.receive(batch, nowNs);
  }

  /**
   * Number of threads that have reported; undefined if a source is not the probe of a thread. Others may report for any
   * number of threads. Only probes have measured their cost.
   */
  get threads(): number | undefined {
    const reporters = [...this.#sources.values()].filter(({ hello }) => !hello?.fromOutside);
    const isEveryProbe = reporters.every(({ hello }) => hello !== undefined && hello.recordNs > 0);
    return isEveryProbe ? reporters.length + this.#retired.sources : undefined;
  }

  /** Assigns a number to an operation of a source. Returns false if there is no room for it. */
  assign(source: RecordedSource, id: number, operation: OperationTotals): boolean {
    if (!source.operations.has(id) && !this.#ids.take(idBytes)) return false;
    source.operations.set(id, operation);
    return true;
  }

  /** @param isCounted false if the process does not belong to the program */
  setResources(source: RecordedSource, resources: ResourceSample, nowNs: number, isCounted: boolean): void {
    const { resources: previous, resourcesAtNs, hello } = source;
    const elapsedNs = nowNs - resourcesAtNs;
    const isKnown = resources.gcNs !== undefined && previous?.gcNs !== undefined && elapsedNs > 0;
    const gcRatio = isKnown ? Math.max(0, (resources.gcNs ?? 0) - (previous.gcNs ?? 0)) / elapsedNs : undefined;
    source.resources = resources;
    source.resourcesAtNs = nowNs;
    if (hello && isCounted) this.running.set(hello.pid, resources, gcRatio);
  }

  /** Ends the calls in progress and the heap of a source that has sent its last batch. */
  end(source: RecordedSource, name: string): void {
    for (const operation of source.operations.values()) operation.endSource(name);
    if (source.hello?.threadId === 0) this.running.end(source.hello.pid);
    this.#onEnded(name);
  }

  /** Returns the state of each source, in the order of their first batches. Those that made room for others share one. */
  processes(): ProcessState[] {
    // Memory and CPU time belong to a whole process, so only the first of its threads that has them shows them.
    const unshown = this.#newestSamples();
    const processUse = (pid: number, resources: ResourceSample | undefined): Partial<ProcessState> => {
      const newest = unshown.get(pid);
      if (!resources || !newest) return {};
      unshown.delete(pid);
      return { rssBytes: newest.rssBytes, cpuNs: newest.cpuNs };
    };
    const states = [...this.#sources.entries()].flatMap(
      ([source, { hello, cost, calls, sampledNs, loopDelayNs, resources, isLauncher, spans, ended }]) =>
        hello
          ? [
              {
                source: source.slice(0, maxShownLength),
                pid: hello.pid,
                ...defined({ ppid: hello.ppid }),
                threadId: hello.threadId,
                name: hello.name.slice(0, maxShownLength),
                runtime: hello.runtime.slice(0, maxShownLength),
                ...(isLauncher ? { launcher: (hello.launcher ?? '').slice(0, maxShownLength) } : {}),
                events: cost.events,
                calls,
                ...defined({ sampledNs, loopDelayNs }),
                ...(spans ? { hasSpans: true as const } : {}),
                ...processUse(hello.pid, resources),
                ended,
              },
            ]
          : [],
    );
    const outside = [...this.#sources.entries()].flatMap(([source, { hello }]) => (hello?.fromOutside ? [source] : []));
    return [...foldOutsideSources(states, new Set(outside)), ...this.#retiredState()];
  }

  /** Returns the stack trees of all threads that were sampled, with the times of a range or of the whole run. */
  stacks(range?: TimeRange): readonly ThreadStacks[] {
    const threads = [...this.#sources.values()].flatMap((source) => sourceThreads(source, range));
    if (range) return threads;
    // It is not known when the stacks of earlier sources were sampled, nor when a line ran.
    const spans = this.#retiredSpans.threads(`${this.#retiredName} (spans)`);
    return [
      ...threads,
      ...this.#retiredStacks.threads(this.#retiredName),
      ...spans.map((thread) => ({ ...thread, kind: 'spans' as const })),
    ];
  }

  /** Returns the samples by time of the threads that `stacks` returns for a range, in the same order. */
  stackSlices(range?: TimeRange): readonly ThreadSlices[] {
    return [...this.#sources.values()].flatMap((source) => sourceSlices(source, range));
  }

  /** Returns the stacks of all sources whose time counts as that of the program. */
  countedStacks(): readonly SourceStacks[] {
    return [...this.#sources.values()].flatMap(({ stacks }) => stacks ?? []);
  }

  /** Origin of the lines of all stacks; undefined if none are known. */
  get lineSource(): LineSource | undefined {
    return [...this.#sources.values()].reduce(
      (source, { stacks }) => weakerSource(source, stacks?.lineSource),
      this.#retiredStacks.lineSource,
    );
  }

  /**
   * Returns the sources that have not sent their last batch. Only probes are expected to: they have measured their cost
   * and name their source after the thread.
   */
  unfinished(): Hello[] {
    return [...this.#sources.entries()].flatMap(([name, { hello, ended }]) => {
      const thread = hello && `${hello.pid}.${hello.threadId}`;
      const isProbe = hello !== undefined && hello.recordNs > 0 && (name === thread || name.startsWith(`${thread}/`));
      return isProbe && !ended ? [hello] : [];
    });
  }

  /** Returns the cost of all probes. Each source has calibrated what a call costs in its runtime. */
  cost(): GuestCost {
    const sources = [...this.#sources.values()];
    const costs = sources.flatMap(({ hello }) => (hello ? [hello.recordNs] : [])).sort((a, b) => a - b);
    return {
      recordNs: costs[Math.floor(costs.length / 2)] ?? 0,
      events: saturate(sources.reduce((sum, { cost }) => sum + cost.events, this.#retired.events)),
      counted: saturate(sources.reduce((sum, { cost }) => sum + (cost.counted ?? 0), this.#retired.counted)),
      callsNs: finite(sources.reduce((sum, source) => sum + callsNsOf(source), this.#retired.callsNs)),
      flushNs: finite(sources.reduce((sum, { cost }) => sum + cost.flushNs, this.#retired.flushNs)),
    };
  }

  /** Returns the summed resource use that probes report for their processes, for systems without tree data. */
  resources(): Required<ResourceSample> {
    const samples = [...this.#newestSamples().values()];
    const sum = (select: (sample: ResourceSample) => number): number =>
      finite(samples.reduce((total, sample) => total + select(sample), 0));
    return {
      rssBytes: this.running.sum.rssBytes,
      heapBytes: this.running.sum.heapBytes,
      peakRssBytes: this.running.peakRssBytes,
      cpuNs: finite(sum((sample) => sample.cpuNs) + this.#retired.cpuNs),
      eventLoopDelayP99Ns: Math.max(0, ...samples.map((sample) => sample.eventLoopDelayP99Ns)),
      gcNs: finite(sum((sample) => sample.gcNs ?? 0) + this.#retired.gcNs),
    };
  }

  /** Returns the newest sample of each process. Each of its threads may report, also those that have ended since. */
  #newestSamples(): Map<number, ResourceSample> {
    const sources = [...this.#sources.values()].sort((a, b) => a.resourcesAtNs - b.resourcesAtNs);
    return new Map(sources.flatMap(({ hello, resources }) => (hello && resources ? [[hello.pid, resources]] : [])));
  }

  /** Ends a source whose process now runs another program; its totals stay. */
  #endReplaced(source: RecordedSource, name: string): void {
    this.end(source, name);
    source.resources = undefined;
  }

  #retire(source: RecordedSource, name: string): void {
    this.end(source, name);
    this.#ids.give(source.operations.size * idBytes);
    source.operations.clear();
    const { calls, sampledNs = 0, cost, resources, hello, stacks, spans } = source;
    if (stacks) this.#retiredStacks.add(stacks);
    if (spans) this.#retiredSpans.add(spans);
    stacks?.release();
    spans?.release();
    source.spans = undefined;
    source.stacks = undefined;
    this.#retired.sources++;
    this.#retired.calls += calls;
    this.#retired.sampledNs = finite(this.#retired.sampledNs + sampledNs);
    this.#retired.events += cost.events;
    this.#retired.counted += cost.counted ?? 0;
    this.#retired.callsNs = finite(this.#retired.callsNs + callsNsOf(source));
    this.#retired.flushNs = finite(this.#retired.flushNs + cost.flushNs);
    // Processor time belongs to the whole process, which its main thread reports.
    if (hello?.threadId !== 0) return;
    this.#retired.cpuNs = finite(this.#retired.cpuNs + (resources?.cpuNs ?? 0));
    this.#retired.gcNs = finite(this.#retired.gcNs + (resources?.gcNs ?? 0));
  }

  get #retiredName(): string {
    return `${this.#retired.sources.toLocaleString('en')} earlier processes and threads`;
  }

  #retiredState(): ProcessState[] {
    const { sources, calls, sampledNs, events } = this.#retired;
    if (sources === 0) return [];
    const name = this.#retiredName;
    const measured = { calls, events, ...(sampledNs > 0 ? { sampledNs } : {}) };
    return [{ source: '(earlier)', pid: 0, threadId: 0, name, runtime: '', ...measured, ended: true }];
  }
}
