/** The snapshot: everything known about a run at one moment. Panel, editor, CLI and exports all read it. */
import type { Attributes, OperationKind } from './batch/batch.ts';
import type { CodeTimes } from './code-times.ts';
import type { EventLoopBlocks } from './event-loop-blocks.ts';
import {
  amount,
  type Infer,
  isRecord,
  literal,
  object,
  outline,
  text,
  unchecked,
  uncheckedOptional,
} from './schema.ts';
import type { Stacks } from './stacks.ts';
import type { ValidationState } from './validation/validation-state.ts';

export const snapshotSchema = 'pipescope/1';

export type Light = 'ok' | 'warning' | 'error' | 'off';
export type RunResult = 'running' | 'success' | 'failure' | 'error' | 'cancellation';
/** `measured`: every call was timed. `sampled`: from stack samples. `estimated`: scaled up from timed calls. */
export type MeasurementSource = 'measured' | 'sampled' | 'estimated';
export type Level = 'excellent' | 'good' | 'warning' | 'critical';

export interface GitCommit {
  readonly commit: string;
  readonly branch?: string;
  readonly dirty: boolean;
}

const run = object({
  id: text,
  /** ID of the pipeline: `detection`, `validation` or a user-defined name. */
  pipeline: text,
  title: unchecked<string>(),
  workspace: unchecked<string>(),
  /** ISO 8601. */
  startedAt: unchecked<string>(),
  /** Duration as the host sees it, including batches that arrived late. */
  durationNs: amount,
  /** Time from the start of the process to its exit; absent if the host did not start it. */
  processNs: uncheckedOptional<number>(),
  result: unchecked<RunResult>(),
  /** Present if this is a profile of another tool: its start, its end and the cost of measuring are not known. */
  kind: uncheckedOptional<'profile'>(),
  /** One sentence for the user: how the run ended and, if it failed, what to do. */
  message: uncheckedOptional<string>(),
  exitCode: uncheckedOptional<number>(),
  signal: uncheckedOptional<string>(),
  git: uncheckedOptional<GitCommit>(),
  /** W3C trace context of the span that represents this run. */
  trace: uncheckedOptional<{ readonly traceId: string; readonly spanId: string; readonly parentSpanId?: string }>(),
  /** The operation that handles one item. Its latency is the latency of the pipeline. */
  unit: uncheckedOptional<{ readonly component: string; readonly operation: string; readonly noun: string }>(),
});
export type Run = Infer<typeof run>;

/** One part of a score. */
export interface ScorePart {
  readonly name: string;
  readonly points: number;
  /** Maximum number of points. */
  readonly available: number;
}

export interface Health {
  /** 0 to 100 over the parts that have data, within the range of `light`; absent if no part has. */
  readonly score?: number;
  readonly level?: Level;
  /** The worst light of the components, or `error` if the run failed. Absent in snapshots of earlier versions. */
  readonly light?: Light;
  /** Reason for a light that is not `ok`, in one line. */
  readonly reason?: string;
  readonly parts: readonly ScorePart[];
}

/** Value of a gauge, combined over all threads and processes that run. After the end of the last one, its last value. */
export interface GaugeState {
  readonly value: number;
  readonly unit: string;
  /** Highest combined value so far, if it was higher than now. */
  readonly peak?: number;
}

export interface ComponentState {
  readonly name: string;
  readonly light: Light;
  readonly score?: number;
  /** Reason for the light, in one line. */
  readonly reason: string;
  readonly count: number;
  readonly errors: number;
  readonly errorTypes: Readonly<Record<string, number>>;
  /** Time in which at least one operation of the component was in progress, as far as it is known. */
  readonly totalNs: number;
  readonly p50Ns?: number;
  readonly p95Ns?: number;
  readonly p99Ns?: number;
  readonly cacheHits: number;
  readonly cacheMisses: number;
  /** Operations per second over the last ten seconds, or over the whole run if it is shorter. */
  readonly ratePerSecond: number;
  readonly active: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly gauges: Readonly<Record<string, GaugeState>>;
}

export interface OperationState {
  readonly component: string;
  readonly name: string;
  readonly kind: OperationKind;
  /** Relative to the workspace with `/` if inside, otherwise absolute. */
  readonly file?: string;
  readonly line?: number;
  readonly count: number;
  readonly errors: number;
  readonly errorTypes: Readonly<Record<string, number>>;
  /** Time in which at least one call was in progress: of recursive and overlapping calls, this is less than their sum. */
  readonly totalNs: number;
  /** Time in which the code of the operation itself ran; absent if unknown. Never more than `totalNs`. */
  readonly selfNs?: number;
  /** Mean duration of the calls; absent if no duration is known. */
  readonly averageNs?: number;
  /** Shortest timed call. This and the following durations are absent if no call was timed. */
  readonly minNs?: number;
  readonly maxNs?: number;
  readonly p50Ns?: number;
  readonly p95Ns?: number;
  readonly p99Ns?: number;
  readonly cacheHits: number;
  readonly cacheMisses: number;
  readonly source: MeasurementSource;
  /** Present if `count` is a lower bound, because the guest stopped counting the operation to limit overhead. */
  readonly partial?: true;
  /** Number of stack samples that contain the operation, if it was sampled. */
  readonly samples?: number;
  /** Number of timed calls, if not all calls were timed. */
  readonly timed?: number;
  /** CPU time of asynchronous calls; the rest of the total was spent waiting. */
  readonly cpuNs?: number;
  /** HdrHistogram V2, compressed, base64; nanoseconds with 2 significant digits. In exports only. */
  readonly histogram?: string;
}

/** Measurements of one thing that a pipeline worked on, such as a file. The snapshot holds the slowest items. */
export interface ItemState {
  readonly component: string;
  readonly name: string;
  readonly file?: string;
  readonly totalNs: number;
  readonly parts: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
}

export interface SpanState {
  /** `pid.threadId`; one row of the timeline. */
  readonly source: string;
  readonly component: string;
  readonly name: string;
  /** Time since the start of the run, by the wall clock of the source's hello; exact enough for drawing only. */
  readonly startNs: number;
  readonly durationNs: number;
  readonly error?: string;
  readonly attributes?: Attributes;
}

/** Equally spaced values. Slot i starts at `startNs + i × stepNs` since the start of the run. */
export interface Series {
  readonly metric: string;
  /** Component, counter or process that the metric describes. */
  readonly scope?: string;
  readonly unit: Unit;
  readonly stepNs: number;
  readonly startNs: number;
  readonly values: readonly (number | null)[];
}

export type Unit = 'ns' | 'bytes' | 'bytes/s' | 'ratio' | '1/s' | '1';

export interface ProcessState {
  readonly source: string;
  readonly pid: number;
  readonly ppid?: number;
  readonly threadId: number;
  readonly name: string;
  readonly runtime: string;
  /** Name of the tool if the process only starts the program. Its time is not counted as that of the program. */
  readonly launcher?: string;
  /** Number of calls that its probe timed. */
  readonly events: number;
  /** Number of calls that its probe counted, timed or not. */
  readonly calls: number;
  /** Running time according to stack samples, without idle time; absent if it was not sampled. */
  readonly sampledNs?: number;
  /** Longest delay of the thread's event loop; absent if it was not reported. */
  readonly loopDelayNs?: number;
  /** Present if there is a tree of its spans. */
  readonly hasSpans?: true;
  /** Memory of the whole process; present for one of its threads only, as is `cpuNs`. */
  readonly rssBytes?: number;
  readonly cpuNs?: number;
  /** True if it has sent its last batch. */
  readonly ended: boolean;
}

/** Resource use of the run. A value that is not known is absent, not zero. */
export interface Resources {
  /** Highest resident memory of all processes together. */
  readonly peakRssBytes?: number;
  /** Resident memory now, or when it was last read. */
  readonly rssBytes?: number;
  /** CPU time of all processes, including those that have ended. */
  readonly cpuNs?: number;
  /** CPU use during the last sampling interval: 1 is one core. */
  readonly cpuRatio?: number;
  readonly processes: number;
  /** Threads of the whole process tree now; absent if the system does not report them, as are the next two. */
  readonly threads?: number;
  /** Bytes read through system calls since the start: files, pipes, sockets and terminals, from disk or not. */
  readonly readBytes?: number;
  readonly writtenBytes?: number;
  /** Used heap of all processes that have a probe. */
  readonly heapBytes?: number;
  /** Time of the garbage collector in all processes that have a probe. */
  readonly gcNs?: number;
  /** `tree`: read from the system for the whole process tree. `process`: reported by the probe for its own process. */
  readonly scope: 'tree' | 'process';
}

export interface Overhead {
  /** Calibrated cost of one recorded call; the median of all sources. */
  readonly recordNs: number;
  /** Number of timed calls. */
  readonly events: number;
  /** Number of calls that were counted but not timed. */
  readonly counted?: number;
  /** Time that recording calls took in the program: each source's calls times the cost of a call that it has calibrated. */
  readonly callsNs?: number;
  readonly flushNs: number;
  /** Host time spent on validating and recording batches and on building snapshots. */
  readonly hostNs: number;
  /** (callsNs + flushNs + hostNs) / run duration × 100. */
  readonly percent: number;
}

export interface Dropped {
  readonly spans: number;
  readonly items: number;
  /** Number of lost, malformed or oversized batches. */
  readonly batches: number;
  /** Calls that are in no operation, although they were made: beyond a limit, or in data that could not be read. */
  readonly calls: number;
  /** Definitions, counters, gauges, attributes and other values that could not be kept or read. */
  readonly values: number;
}

/**
 * Accepts a parsed file that can be opened as a snapshot. Verifies its outline only; errors in deeper parts show up where
 * those are read.
 */
export const isSnapshot = object({
  schema: literal(snapshotSchema),
  run,
  health: unchecked<Health>(),
  components: outline<readonly ComponentState[]>(Array.isArray),
  operations: outline<readonly OperationState[]>(Array.isArray),
  /** Number of operations beyond those listed. */
  operationsOmitted: unchecked<number>(),
  items: unchecked<readonly ItemState[]>(),
  spans: unchecked<readonly SpanState[]>(),
  series: outline<Readonly<Record<string, Series>>>(isRecord),
  processes: unchecked<readonly ProcessState[]>(),
  resources: unchecked<Resources>(),
  overhead: unchecked<Overhead>(),
  /** CPU time by the code that ran; absent if no function was sampled or measured. */
  code: uncheckedOptional<CodeTimes>(),
  /** Turns of event loops that took too long; absent if there were none. */
  eventLoopBlocks: uncheckedOptional<EventLoopBlocks>(),
  /** Call stacks of the whole run. In exports only. */
  stacks: uncheckedOptional<Stacks>(),
  /** Interval between two stack samples that was in effect last; absent if no stack was sampled. */
  samplingNs: uncheckedOptional<number>(),
  /** CPU time of all call stacks, of which the times of sampled functions are shares; absent if no stack was sampled. */
  sampledNs: uncheckedOptional<number>(),
  dropped: unchecked<Dropped>(),
  /** Sentences for the user about what could not be measured, and why. */
  notices: unchecked<readonly string[]>(),
  /** Present if the run is a validation that has reported. */
  validation: uncheckedOptional<ValidationState>(),
});
export type Snapshot = Infer<typeof isSnapshot>;

/** Returns a snapshot that an earlier version has written, with the properties that were added since. */
export function completeSnapshot(snapshot: Snapshot): Snapshot {
  return { ...snapshot, dropped: { ...noneDropped, ...snapshot.dropped }, notices: snapshot.notices ?? [] };
}

const noneDropped: Dropped = { spans: 0, items: 0, batches: 0, calls: 0, values: 0 };
