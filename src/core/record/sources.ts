/** The processes and threads that speak in a run: what each has said of itself, and what all add up to. */
import { isAnotherProgram } from '../../protocol/batch.ts';
import { defined } from '../../protocol/defined.ts';
import type { Batch, Hello, ProbeCost, ResourceSample } from '../../protocol/event.ts';
import type { ProcessState } from '../../protocol/snapshot.ts';
import type { Tally } from './operation-totals.ts';

/** Sources kept apart; what comes of later ones is counted as left out. */
export const mostSources = 256;

export interface Source {
  readonly tallies: Map<number, Tally>;
  next: number;
  hello?: Hello;
  cost: ProbeCost;
  resources: ResourceSample | undefined;
  resourcesAtNs: number;
  calls: number;
  sampledNs: number | undefined;
  ended: boolean;
}

export class Sources {
  readonly #all = new Map<string, Source>();

  /** The source that a batch is of, known or new; nothing where there are too many. */
  of(batch: Batch): Source | undefined {
    const { source: name } = batch;
    const before = this.#all.get(name);
    const another = before && isAnotherProgram(batch, before.hello);
    if (another) this.#retire(name, before);
    if (before && !another) return before;
    if (this.#all.size >= mostSources) return undefined;
    const source: Source = {
      tallies: new Map(),
      next: 0,
      cost: { events: 0, flushNs: 0 },
      resources: undefined,
      resourcesAtNs: 0,
      calls: 0,
      sampledNs: undefined,
      ended: false,
    };
    this.#all.set(name, source);
    return source;
  }

  /** Each with its numbers, in the order in which they came. */
  processes(): ProcessState[] {
    // Memory and processor time are of a whole process: told once, by the first of its threads that knows them.
    const told = new Set<number>();
    const ofProcess = (pid: number, resources: ResourceSample | undefined): Partial<ProcessState> => {
      if (!resources || told.has(pid)) return {};
      told.add(pid);
      return { rssBytes: resources.rssBytes, cpuNs: resources.cpuNs };
    };
    return [...this.#all].flatMap(([source, { hello, cost, calls, sampledNs, resources, ended }]) =>
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
              ...ofProcess(hello.pid, resources),
              ended,
            },
          ]
        : [],
    );
  }

  /** What the probes have cost: calls recorded, time of flushing, and the median cost of a call. */
  cost(): { readonly recordNs: number; readonly events: number; readonly flushNs: number } {
    const sources = [...this.#all.values()];
    const costs = sources.flatMap(({ hello }) => (hello ? [hello.recordNs] : [])).sort((a, b) => a - b);
    return {
      recordNs: costs[Math.floor(costs.length / 2)] ?? 0,
      events: sources.reduce((sum, { cost }) => sum + cost.events, 0),
      flushNs: sources.reduce((sum, { cost }) => sum + cost.flushNs, 0),
    };
  }

  /** What the probes say of their own processes, for where the system tells nothing of the tree. */
  resources(): Required<ResourceSample> {
    const byProcess = new Map<number, ResourceSample>();
    for (const { hello, resources } of this.#all.values()) {
      if (hello && resources) byProcess.set(hello.pid, resources);
    }
    const samples = [...byProcess.values()];
    const sum = (of: (sample: ResourceSample) => number): number =>
      samples.reduce((total, sample) => total + of(sample), 0);
    return {
      rssBytes: sum((sample) => sample.rssBytes),
      heapBytes: sum((sample) => sample.heapBytes),
      peakRssBytes: sum((sample) => sample.peakRssBytes),
      cpuNs: sum((sample) => sample.cpuNs),
      eventLoopDelayP99Ns: Math.max(0, ...samples.map((sample) => sample.eventLoopDelayP99Ns)),
      gcNs: sum((sample) => sample.gcNs ?? 0),
    };
  }

  /** Another program goes on in the process of a source: the one before has ended there, what it said stays. */
  #retire(name: string, before: Source): void {
    for (const tally of before.tallies.values()) tally.active.delete(name);
    this.#all.delete(name);
    this.#all.set(`${name} ${before.hello?.wallStartMs}`, { ...before, resources: undefined, ended: true });
  }
}
