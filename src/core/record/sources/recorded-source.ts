import type { Hello, ProbeCost, ResourceSample } from '../../../protocol/batch/batch.ts';
import type { OperationTotals } from '../operation-totals.ts';
import type { SourceStacks } from '../stacks/source-stacks.ts';

/** A process or thread that reports to a run. */
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
  /** Longest delay of the thread's event loop. */
  loopDelayNs: number | undefined;
  /** Call stacks; undefined before the first. */
  stacks: SourceStacks | undefined;
  /** Tree of the spans; undefined before the first. */
  spans: SourceStacks | undefined;
  /** True if the process only starts the program, so that its work is not recorded. */
  isLauncher: boolean;
  ended: boolean;
}

/** Returns the time that the calls of a source took to record, as far as it has calibrated it. */
export function callsNsOf({ hello, cost: { events, counted = 0 } }: RecordedSource): number {
  return events * (hello?.recordNs ?? 0) + counted * (hello?.countNs ?? 0);
}

/** Creates a source that has not reported yet. */
export function createSource(): RecordedSource {
  return {
    operations: new Map(),
    next: 0,
    cost: { events: 0, flushNs: 0 },
    resources: undefined,
    resourcesAtNs: 0,
    calls: 0,
    sampledNs: undefined,
    loopDelayNs: undefined,
    stacks: undefined,
    spans: undefined,
    isLauncher: false,
    ended: false,
  };
}
