/** What is known now: the one shape that the panel draws, the editor reads, the CLI prints and an export writes. */

import type { Attributes, OperationKind } from './event.ts';
import { isAmount, isRecord, isText } from './guard.ts';

export const snapshotSchema = 'pipescope/1';

export type Light = 'ok' | 'warning' | 'error' | 'off';
export type RunResult = 'running' | 'success' | 'failure' | 'error' | 'cancellation';
/** How a number was got: every call timed, from stacks, or derived. */
export type Source = 'measured' | 'sampled' | 'estimated';
export type Level = 'excellent' | 'good' | 'warning' | 'critical';

export interface Git {
  readonly commit: string;
  readonly branch?: string;
  readonly dirty: boolean;
}

export interface Run {
  readonly id: string;
  /** Id of the pipeline: `detection`, `validation` or a name of the user's. */
  readonly pipeline: string;
  readonly title: string;
  readonly workspace: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationNs: number;
  /** From the start of its process to its exit, where we are its parent; `durationNs` is ours, with what came in late. */
  readonly processNs?: number;
  readonly result: RunResult;
  /** One sentence for people: how it ended and what to do, where it did not end well. */
  readonly message?: string;
  readonly exitCode?: number;
  readonly signal?: string;
  readonly git?: Git;
  /** W3C trace context of the span that stands for this run. */
  readonly trace?: { readonly traceId: string; readonly spanId: string };
  /** The operation that handles one item: its latency is the pipeline's. */
  readonly unit?: { readonly component: string; readonly operation: string; readonly noun: string };
}

/** One addend of a score, with what it could have been at most. */
export interface ScorePart {
  readonly name: string;
  readonly points: number;
  readonly available: number;
}

export interface Health {
  /** 0 to 100 over the parts that data exist for; absent while there is none. */
  readonly score?: number;
  readonly level?: Level;
  readonly parts: readonly ScorePart[];
}

export interface ComponentState {
  readonly name: string;
  readonly light: Light;
  readonly score?: number;
  /** Why the light is what it is, in one line. */
  readonly reason: string;
  readonly count: number;
  readonly errors: number;
  readonly errorTypes: Readonly<Record<string, number>>;
  readonly totalNs: number;
  readonly p50Ns?: number;
  readonly p95Ns?: number;
  readonly p99Ns?: number;
  readonly cacheHits: number;
  readonly cacheMisses: number;
  /** Operations a second, over the last ten seconds or the whole run if shorter. */
  readonly ratePerSecond: number;
  readonly active: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly gauges: Readonly<Record<string, { readonly value: number; readonly unit: string }>>;
}

export interface OperationState {
  readonly component: string;
  readonly name: string;
  readonly kind: OperationKind;
  /** Relative to the workspace with `/` when inside it, else absolute. */
  readonly file?: string;
  readonly line?: number;
  readonly count: number;
  readonly errors: number;
  readonly errorTypes: Readonly<Record<string, number>>;
  readonly totalNs: number;
  readonly selfNs?: number;
  /** From here to `p99Ns`: of calls that were timed; absent where none was. */
  readonly minNs?: number;
  readonly maxNs?: number;
  readonly p50Ns?: number;
  readonly p95Ns?: number;
  readonly p99Ns?: number;
  readonly cacheHits: number;
  readonly cacheMisses: number;
  readonly source: Source;
  /** It was called more often than `count` says: counting it cost too much and was given up. */
  readonly partial?: true;
  /** Looks at the stack that saw it, where it was sampled. */
  readonly samples?: number;
  /** Calls that were timed, where not all were. */
  readonly timed?: number;
  /** Processor time of asynchronous calls; the rest of the total was spent waiting. */
  readonly cpuNs?: number;
  /** HdrHistogram V2, compressed, base64; nanoseconds at 2 significant digits. In exports only. */
  readonly histogram?: string;
}

/** What is known of one thing worked on (a file): the slowest are kept. */
export interface ItemState {
  readonly component: string;
  readonly name: string;
  readonly file?: string;
  readonly totalNs: number;
  readonly parts: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
}

export interface SpanState {
  /** `pid.threadId`: one row of the timeline. */
  readonly source: string;
  readonly component: string;
  readonly name: string;
  /** Since the start of the run, by the wall clock of the source's hello: good for drawing, not for arithmetic. */
  readonly startNs: number;
  readonly durationNs: number;
  readonly error?: string;
  readonly attributes?: Attributes;
}

/** Equally spaced values; slot i covers `startNs + i × stepNs` on, since the start of the run. */
export interface Series {
  readonly metric: string;
  /** Component, counter or process that the metric is of. */
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
  /** Calls that its probe timed. */
  readonly events: number;
  /** Calls that it counted, timed or not. */
  readonly calls: number;
  /** Time that looks at its stack saw it run, idle time left out; absent where nobody looked. */
  readonly sampledNs?: number;
  /** Of its whole process; told by the probe of one of its threads. */
  readonly rssBytes?: number;
  readonly cpuNs?: number;
  /** Whether it has said its last. */
  readonly ended: boolean;
}

export interface Resources {
  readonly peakRssBytes: number;
  readonly rssBytes: number;
  readonly cpuNs: number;
  /** Processor use over the last sample: 1 is one core. */
  readonly cpuRatio?: number;
  readonly processes: number;
  /** Of all processes of the tree, now; this and what was read and written are absent where the system does not tell. */
  readonly threads?: number;
  /** Since the start, through system calls: files, pipes, sockets and terminals, whether a disk was touched or not. */
  readonly readBytes?: number;
  readonly writtenBytes?: number;
  /** Used heap that the probes told of, all processes. */
  readonly heapBytes?: number;
  /** Time of the garbage collector that the probes told of. */
  readonly gcNs?: number;
  /** Read from the system for the whole tree, or told by the probe for its process alone. */
  readonly scope: 'tree' | 'process';
}

export interface Overhead {
  /** Calibrated cost of one recorded call, the median of the sources. */
  readonly recordNs: number;
  readonly events: number;
  readonly flushNs: number;
  /** Host time spent guarding, recording and judging. */
  readonly hostNs: number;
  /** (events × recordNs + flushNs + hostNs) / run duration × 100. */
  readonly percent: number;
}

export interface Dropped {
  readonly spans: number;
  readonly items: number;
  /** Lost, malformed or oversized batches. */
  readonly batches: number;
}

export interface Snapshot {
  readonly schema: typeof snapshotSchema;
  readonly run: Run;
  readonly health: Health;
  readonly components: readonly ComponentState[];
  readonly operations: readonly OperationState[];
  /** Operations known beyond those listed. */
  readonly operationsOmitted: number;
  readonly items: readonly ItemState[];
  readonly spans: readonly SpanState[];
  readonly series: Readonly<Record<string, Series>>;
  readonly processes: readonly ProcessState[];
  readonly resources: Resources;
  readonly overhead: Overhead;
  readonly dropped: Dropped;
}

/** Says whether a parsed file can be opened as a snapshot; deeper faults show where they are read. */
export function isSnapshot(value: unknown): value is Snapshot {
  return (
    isRecord(value) &&
    value['schema'] === snapshotSchema &&
    isRecord(value['run']) &&
    isText(value['run']['id']) &&
    isText(value['run']['pipeline']) &&
    isAmount(value['run']['durationNs']) &&
    Array.isArray(value['components']) &&
    Array.isArray(value['operations']) &&
    isRecord(value['series'])
  );
}
