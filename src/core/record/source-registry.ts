/** The processes and threads that report to a run, and their sums. */
import type { Batch, Hello, ProbeCost, ResourceSample } from '../../protocol/batch/batch.ts';
import type { MemoryBudget } from '../../protocol/batch/memory-budget.ts';
import { finite, saturate } from '../../protocol/batch/operation-delta.ts';
import { type Arrival, SourceTable } from '../../protocol/batch/sequence.ts';
import { defined } from '../../protocol/defined.ts';
import type { ProcessState } from '../../protocol/snapshot.ts';
import type { OperationTotals } from './operation-totals.ts';

/** Estimated size of the number that a source uses for an operation. */
const idBytes = 50;
/** Maximum length of the name and runtime that are shown for a source. */
const maxShownLength = 200;

export interface RecordedSource {
  /** Operations by the number that the source assigned. */
  readonly operations: Map<number, OperationTotals>;
  next: number;
  hello?: Hello;
  cost: ProbeCost;
  resources: ResourceSample | undefined;
  resourcesAtNs: number;
  calls: number;
  sampledNs: number | undefined;
  ended: boolean;
}

/** Sums of the sources that have made room for others. */
interface RetiredTotals {
  sources: number;
  calls: number;
  sampledNs: number;
  events: number;
  flushNs: number;
  cpuNs: number;
  gcNs: number;
}

export class SourceRegistry {
  readonly #ids: MemoryBudget;
  readonly #sources = new SourceTable<RecordedSource>({
    create: createSource,
    onReplaced: (source, name) => this.#endReplaced(source, name),
    onRetired: (source, name) => this.#retire(source, name),
  });
  readonly #retired: RetiredTotals = { sources: 0, calls: 0, sampledNs: 0, events: 0, flushNs: 0, cpuNs: 0, gcNs: 0 };
  readonly #heapByProcess = new Map<number, number>();
  #heapBytes = 0;

  /** @param ids memory for the numbers that sources use for their operations */
  constructor(ids: MemoryBudget) {
    this.#ids = ids;
  }

  /** Finds or adds the source of a batch; see `SourceTable.receive`. */
  receive(batch: Batch, nowNs: number): Arrival<RecordedSource> {
    return this.#sources.receive(batch, nowNs);
  }

  /** Used heap of all processes that run. */
  get heapBytes(): number {
    return this.#heapBytes;
  }

  /** Assigns a number to an operation of a source. Returns false if there is no room for it. */
  assign(source: RecordedSource, id: number, operation: OperationTotals): boolean {
    if (!source.operations.has(id) && !this.#ids.take(idBytes)) return false;
    source.operations.set(id, operation);
    return true;
  }

  setResources(source: RecordedSource, resources: ResourceSample, nowNs: number): void {
    source.resources = resources;
    source.resourcesAtNs = nowNs;
    if (source.hello) this.#setHeap(source.hello.pid, resources.heapBytes);
  }

  /** Ends the calls in progress and the heap of a source that has sent its last batch. */
  end(source: RecordedSource, name: string): void {
    for (const operation of source.operations.values()) operation.endSource(name);
    if (source.hello?.threadId === 0) this.#setHeap(source.hello.pid, 0);
  }

  /** Returns the state of each source, in the order of their first batches. Those that made room for others share one. */
  processes(): ProcessState[] {
    // Memory and CPU time belong to a whole process, so only the first of its threads that has them shows them.
    const shown = new Set<number>();
    const processUse = (pid: number, resources: ResourceSample | undefined): Partial<ProcessState> => {
      if (!resources || shown.has(pid)) return {};
      shown.add(pid);
      return { rssBytes: resources.rssBytes, cpuNs: resources.cpuNs };
    };
    const states = [...this.#sources.entries()].flatMap(
      ([source, { hello, cost, calls, sampledNs, resources, ended }]) =>
        hello
          ? [
              {
                source: source.slice(0, maxShownLength),
                pid: hello.pid,
                ...defined({ ppid: hello.ppid }),
                threadId: hello.threadId,
                name: hello.name.slice(0, maxShownLength),
                runtime: hello.runtime.slice(0, maxShownLength),
                events: cost.events,
                calls,
                ...defined({ sampledNs }),
                ...processUse(hello.pid, resources),
                ended,
              },
            ]
          : [],
    );
    return [...states, ...this.#retiredState()];
  }

  /**
   * Returns the sources that have not sent their last batch. Only probes are expected to: they have measured their cost
   * and name their source after the thread.
   */
  unfinished(): Hello[] {
    return [...this.#sources.entries()].flatMap(([name, { hello, ended }]) => {
      const isProbe = hello !== undefined && hello.recordNs > 0 && name === `${hello.pid}.${hello.threadId}`;
      return isProbe && !ended ? [hello] : [];
    });
  }

  /** Returns the cost of all probes: number of recorded calls, flush time and the median cost of one call. */
  cost(): { readonly recordNs: number; readonly events: number; readonly flushNs: number } {
    const sources = [...this.#sources.values()];
    const costs = sources.flatMap(({ hello }) => (hello ? [hello.recordNs] : [])).sort((a, b) => a - b);
    return {
      recordNs: costs[Math.floor(costs.length / 2)] ?? 0,
      events: saturate(sources.reduce((sum, { cost }) => sum + cost.events, this.#retired.events)),
      flushNs: finite(sources.reduce((sum, { cost }) => sum + cost.flushNs, this.#retired.flushNs)),
    };
  }

  /** Returns the summed resource use that probes report for their processes, for systems without tree data. */
  resources(): Required<ResourceSample> {
    const byProcess = new Map<number, ResourceSample>();
    for (const { hello, resources } of this.#sources.values()) {
      if (hello && resources) byProcess.set(hello.pid, resources);
    }
    const samples = [...byProcess.values()];
    const sum = (select: (sample: ResourceSample) => number): number =>
      finite(samples.reduce((total, sample) => total + select(sample), 0));
    return {
      rssBytes: sum((sample) => sample.rssBytes),
      heapBytes: sum((sample) => sample.heapBytes),
      peakRssBytes: sum((sample) => sample.peakRssBytes),
      cpuNs: finite(sum((sample) => sample.cpuNs) + this.#retired.cpuNs),
      eventLoopDelayP99Ns: Math.max(0, ...samples.map((sample) => sample.eventLoopDelayP99Ns)),
      gcNs: finite(sum((sample) => sample.gcNs ?? 0) + this.#retired.gcNs),
    };
  }

  #setHeap(pid: number, bytes: number): void {
    this.#heapBytes += bytes - (this.#heapByProcess.get(pid) ?? 0);
    if (bytes > 0) this.#heapByProcess.set(pid, bytes);
    else this.#heapByProcess.delete(pid);
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
    const { calls, sampledNs = 0, cost, resources, hello } = source;
    this.#retired.sources++;
    this.#retired.calls += calls;
    this.#retired.sampledNs = finite(this.#retired.sampledNs + sampledNs);
    this.#retired.events += cost.events;
    this.#retired.flushNs = finite(this.#retired.flushNs + cost.flushNs);
    // Processor time belongs to the whole process, which its main thread reports.
    if (hello?.threadId !== 0) return;
    this.#retired.cpuNs = finite(this.#retired.cpuNs + (resources?.cpuNs ?? 0));
    this.#retired.gcNs = finite(this.#retired.gcNs + (resources?.gcNs ?? 0));
  }

  #retiredState(): ProcessState[] {
    const { sources, calls, sampledNs, events } = this.#retired;
    if (sources === 0) return [];
    const name = `${sources.toLocaleString('en')} earlier processes and threads`;
    const measured = { calls, events, ...(sampledNs > 0 ? { sampledNs } : {}) };
    return [{ source: '(earlier)', pid: 0, threadId: 0, name, runtime: '', ...measured, ended: true }];
  }
}

function createSource(): RecordedSource {
  return {
    operations: new Map(),
    next: 0,
    cost: { events: 0, flushNs: 0 },
    resources: undefined,
    resourcesAtNs: 0,
    calls: 0,
    sampledNs: undefined,
    ended: false,
  };
}
