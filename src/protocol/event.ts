/**
 * What a probe says: one batch of what changed since its last batch.
 *
 * Counters and buckets are deltas that are never left out: a batch that could not be sent merges into the next one.
 * Spans and items are examples, the slowest first, and the number left out travels with them.
 */
export const protocolVersion = 1;

export type OperationKind = 'function' | 'stage' | 'check' | 'query';

/** Who speaks; sent with the first batch of each process or worker thread. */
export interface Hello {
  readonly pid: number;
  readonly ppid?: number;
  /** 0 in the main thread. */
  readonly threadId: number;
  readonly runtime: string;
  readonly name: string;
  /** Epoch milliseconds at the zero of this source's own clock. Clocks of two sources are never subtracted. */
  readonly wallStartMs: number;
  /** Calibrated cost of one recorded call in this source. */
  readonly recordNs: number;
  /** Proves to a host on a network address that this guest was told of it. */
  readonly token?: string;
}

/** Gives an operation its number; sent once, before the number is used. */
export interface Definition {
  readonly id: number;
  readonly component: string;
  readonly name: string;
  readonly kind: OperationKind;
  /** Absolute path, or relative to the workspace, with the separators of the system. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
}

export interface OperationDelta {
  readonly id: number;
  /** Exact, also where not every call was timed; but see `partial`. */
  readonly count: number;
  /** The guest counts this operation no more, since that cost too much: from here on `count` is what it was at least. */
  readonly partial?: true;
  /** Calls that were timed, where that is not all: buckets hold these, and `totalNs` is scaled up from them. */
  readonly timed?: number;
  readonly errors: number;
  readonly totalNs: number;
  /** Of asynchronous calls: processor time on their own stack, the rest of the total was spent waiting. */
  readonly cpuNs?: number;
  /** Total less what measured operations called inside it took; absent where nesting is not known. */
  readonly selfNs?: number;
  /** Of this batch's calls; absent when none was timed. */
  readonly minNs?: number;
  readonly maxNs?: number;
  readonly hits: number;
  readonly misses: number;
  /** Calls under way at the moment of the batch. */
  readonly active?: number;
  /** Pairs: index in HdrHistogram's bucket layout (see `probe/buckets.ts`), number of calls. */
  readonly buckets: readonly number[];
  readonly errorTypes?: Readonly<Record<string, number>>;
}

/** What looking at the stack at intervals tells of an operation: shares of time, never counts of calls. */
export interface SampleDelta {
  readonly id: number;
  /** Looks at which it was on the stack. */
  readonly samples: number;
  readonly selfNs: number;
  /** A recursion counts once. */
  readonly totalNs: number;
}

export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** One timed occurrence. */
export interface SpanEvent {
  readonly id: number;
  /** Nanoseconds since the zero of the source's clock. */
  readonly startNs: number;
  readonly durationNs: number;
  readonly error?: string;
  readonly attributes?: Attributes;
}

/** What a pipeline knows of one thing it worked on, such as a file: a later one of the same name adds to it. */
export interface ItemEvent {
  readonly component: string;
  readonly name: string;
  /** Workspace file that the item is, if it is one. */
  readonly file?: string;
  /** Nanoseconds by operation name. */
  readonly parts: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
}

export interface CounterDelta {
  readonly component: string;
  /** A plural noun: files, calls. */
  readonly name: string;
  readonly delta: number;
}

export interface GaugeEvent {
  readonly component: string;
  readonly name: string;
  readonly value: number;
  /** `1`, `ratio`, `bytes` or `ns`. */
  readonly unit: string;
}

/** Cumulative use of the source's process (of the thread, for the event loop). */
export interface ResourceSample {
  readonly rssBytes: number;
  readonly heapBytes: number;
  readonly peakRssBytes: number;
  readonly cpuNs: number;
  readonly eventLoopDelayP99Ns: number;
  /** Of the garbage collector, on all threads; where the runtime lets it be known. */
  readonly gcNs?: number;
}

/** What the probe itself has cost since its start. */
export interface ProbeCost {
  readonly events: number;
  readonly flushNs: number;
}

export interface Bye {
  readonly reason: 'end' | 'signal' | 'error';
  readonly message?: string;
}

export interface Batch {
  readonly v: typeof protocolVersion;
  /** `pid.threadId`: whose numbers these are. */
  readonly source: string;
  /** From 0, one more each batch of a source: a gap is a lost batch. */
  readonly sequence: number;
  readonly atNs: number;
  readonly hello?: Hello;
  readonly definitions?: readonly Definition[];
  readonly operations?: readonly OperationDelta[];
  readonly samples?: readonly SampleDelta[];
  /** Interval between two looks, where `samples` are sent. */
  readonly samplingNs?: number;
  readonly counters?: readonly CounterDelta[];
  readonly gauges?: readonly GaugeEvent[];
  readonly items?: readonly ItemEvent[];
  readonly itemsOmitted?: number;
  readonly spans?: readonly SpanEvent[];
  readonly spansOmitted?: number;
  readonly resources?: ResourceSample;
  readonly cost: ProbeCost;
  readonly bye?: Bye;
}
