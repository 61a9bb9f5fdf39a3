/** The processes and threads that report to a run, and their sums. */
import type { Batch, Hello, ProbeCost, ResourceSample } from '../../protocol/batch/batch.ts';
import { SourceTable } from '../../protocol/batch/sequence.ts';
import { defined } from '../../protocol/defined.ts';
import type { ProcessState } from '../../protocol/snapshot.ts';
import type { OperationTotals } from './operation-totals.ts';

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

export class SourceRegistry {
  readonly #sources = new SourceTable<RecordedSource>({ create: createSource, onReplaced: endSource });

  /** Finds or adds the source of a batch; see `SourceTable.receive`. */
  receive(batch: Batch): { readonly source?: RecordedSource; readonly lost: number } {
    return this.#sources.receive(batch);
  }

  /** Returns the state of each source, in the order of their first batches. */
  processes(): ProcessState[] {
    // Memory and CPU time belong to a whole process, so only the first of its threads that has them shows them.
    const shown = new Set<number>();
    const processUse = (pid: number, resources: ResourceSample | undefined): Partial<ProcessState> => {
      if (!resources || shown.has(pid)) return {};
      shown.add(pid);
      return { rssBytes: resources.rssBytes, cpuNs: resources.cpuNs };
    };
    return [...this.#sources.entries()].flatMap(([source, { hello, cost, calls, sampledNs, resources, ended }]) =>
      hello
        ? [
            {
              source,
              pid: hello.pid,
              ...defined({ ppid: hello.ppid }),
              threadId: hello.threadId,
              name: hello.name,
              runtime: hello.runtime,
              events: cost.events,
              calls,
              ...defined({ sampledNs }),
              ...processUse(hello.pid, resources),
              ended,
            },
          ]
        : [],
    );
  }

  /** Returns the cost of all probes: number of recorded calls, flush time and the median cost of one call. */
  cost(): { readonly recordNs: number; readonly events: number; readonly flushNs: number } {
    const sources = [...this.#sources.values()];
    const costs = sources.flatMap(({ hello }) => (hello ? [hello.recordNs] : [])).sort((a, b) => a - b);
    return {
      recordNs: costs[Math.floor(costs.length / 2)] ?? 0,
      events: sources.reduce((sum, { cost }) => sum + cost.events, 0),
      flushNs: sources.reduce((sum, { cost }) => sum + cost.flushNs, 0),
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
      samples.reduce((total, sample) => total + select(sample), 0);
    return {
      rssBytes: sum((sample) => sample.rssBytes),
      heapBytes: sum((sample) => sample.heapBytes),
      peakRssBytes: sum((sample) => sample.peakRssBytes),
      cpuNs: sum((sample) => sample.cpuNs),
      eventLoopDelayP99Ns: Math.max(0, ...samples.map((sample) => sample.eventLoopDelayP99Ns)),
      gcNs: sum((sample) => sample.gcNs ?? 0),
    };
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

/** Ends a source whose process now runs another program; its totals stay. */
function endSource(source: RecordedSource, name: string): void {
  for (const operation of source.operations.values()) operation.active.delete(name);
  source.resources = undefined;
  source.ended = true;
}
