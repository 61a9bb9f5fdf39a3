/**
 * A batch: everything that changed in a probe since its previous batch.
 *
 * Counters and buckets are deltas and never omitted. A batch that could not be sent is merged into the next one. Spans and
 * items are examples; the slowest are sent, with the number of those left out.
 */
import {
  amount,
  boolean,
  type Guard,
  type Infer,
  list,
  literal,
  map,
  number,
  object,
  optional,
  text,
  union,
  whole,
} from '../schema.ts';
import { isValidationState } from '../validation-state.ts';
import { maxBatchEntries, maxBatchNotices, protocolVersion } from './limits.ts';

const operationKind = literal('function', 'stage', 'check', 'query');
export type OperationKind = Infer<typeof operationKind>;

const hello = object({
  pid: whole,
  ppid: optional(whole),
  /** 0 in the main thread. */
  threadId: whole,
  runtime: text,
  name: text,
  /** Epoch milliseconds at the zero of this source's clock. Clocks of two sources are never subtracted. */
  wallStartMs: amount,
  /** Calibrated cost of one recorded call in this source. */
  recordNs: amount,
  /** Proves to a host on a network address that the guest belongs to its run. */
  token: optional(text),
});
/** Describes a source; sent with the first batch of each process or worker thread. */
export type Hello = Infer<typeof hello>;

const definition = object({
  id: whole,
  component: text,
  name: text,
  kind: operationKind,
  /** Absolute path, or relative to the workspace, with the separators of the operating system. */
  file: optional(text),
  /** One-based. */
  line: optional(whole),
});
/** Assigns a number to an operation; sent once, before the number is used. */
export type Definition = Infer<typeof definition>;

/** Faster than `list(whole)`, because the call of `whole` is inlined. Most numbers of a batch are in buckets. */
function bucketPairs(value: unknown): value is readonly number[] {
  if (!Array.isArray(value) || value.length > maxBatchEntries || value.length % 2 !== 0) return false;
  for (let index = 0; index < value.length; index++) if (!whole(value[index])) return false;
  return true;
}

const operationDelta = object({
  id: whole,
  /** Exact even if not every call was timed, unless `partial` is set. */
  count: whole,
  /** The guest stopped counting this operation because it cost too much; `count` is a lower bound from here on. */
  partial: optional(literal(true)),
  /** Number of timed calls if not all were timed. The buckets hold only these, and `totalNs` is scaled up from them. */
  timed: optional(whole),
  errors: whole,
  totalNs: amount,
  /** CPU time of asynchronous calls on their own stack; the rest of the total was spent waiting. */
  cpuNs: optional(amount),
  /** Total without the measured operations called inside; absent if nesting is unknown. */
  selfNs: optional(amount),
  /** Shortest call of this batch; absent, like `maxNs`, if no call was timed. */
  minNs: optional(amount),
  maxNs: optional(amount),
  hits: whole,
  misses: whole,
  /** Calls in progress when the batch was built. */
  active: optional(whole),
  /** Pairs of a bucket index (see `buckets.ts`) and a number of calls. */
  buckets: bucketPairs,
  errorTypes: optional(map(whole)),
});
export type OperationDelta = Infer<typeof operationDelta>;

const sampleDelta = object({
  id: whole,
  /** Number of stack samples that contain the operation. */
  samples: whole,
  selfNs: amount,
  /** A recursive call counts once. */
  totalNs: amount,
});
/** Time of an operation, estimated from stack samples. Samples yield shares of time, never numbers of calls. */
export type SampleDelta = Infer<typeof sampleDelta>;

const attributes = map(union(union(text, number), boolean));
export type Attributes = Infer<typeof attributes>;

const spanEvent = object({
  id: whole,
  /** Nanoseconds since the zero of the source's clock. */
  startNs: amount,
  durationNs: amount,
  error: optional(text),
  attributes: optional(attributes),
});
/** One timed call. */
export type SpanEvent = Infer<typeof spanEvent>;

const itemEvent = object({
  component: text,
  name: text,
  /** File in the workspace if the item is one. */
  file: optional(text),
  /** Nanoseconds by operation name. */
  parts: map(amount),
  counts: map(number),
});
/**
 * Measurements of one thing that a pipeline worked on, such as a file. A later event with the same name is merged into it;
 * parts and counts of the same name are replaced.
 */
export type ItemEvent = Infer<typeof itemEvent>;

const counterDelta = object({
  component: text,
  /** A plural noun, such as `files` or `calls`. */
  name: text,
  delta: amount,
});
export type CounterDelta = Infer<typeof counterDelta>;

const gaugeEvent = object({
  component: text,
  name: text,
  value: number,
  /** `1`, `ratio`, `bytes` or `ns`. */
  unit: text,
});
export type GaugeEvent = Infer<typeof gaugeEvent>;

const resourceSample = object({
  rssBytes: amount,
  heapBytes: amount,
  peakRssBytes: amount,
  cpuNs: amount,
  eventLoopDelayP99Ns: amount,
  /** Time of the garbage collector on all threads; absent if the runtime does not report it. */
  gcNs: optional(amount),
});
/** Cumulative resource use of the source's process; the event-loop delay is that of the thread. */
export type ResourceSample = Infer<typeof resourceSample>;

const probeCost = object({ events: whole, flushNs: amount });
/** Cost of the probe itself since its start. */
export type ProbeCost = Infer<typeof probeCost>;

const droppedRecords = object({
  /** Calls that were made but are in no operation of this or another batch, for example beyond a limit of the guest. */
  calls: optional(whole),
  /** Definitions, counters, gauges and other values that could not be kept or sent. */
  values: optional(whole),
});
/** What the guest could not keep or send since its previous batch. */
export type DroppedRecords = Infer<typeof droppedRecords>;

const bye = object({ reason: literal('end', 'signal', 'error'), message: optional(text) });
/** Sent with the last batch of a source. */
export type Bye = Infer<typeof bye>;

function entries<T>(guard: Guard<T>) {
  return optional(list(guard, maxBatchEntries));
}

export const isBatch = object({
  v: literal(protocolVersion),
  /** Process or thread that sends the batch, as `pid.threadId`. */
  source: text,
  /** Starts at 0 and rises by one with each batch of a source, so that a gap means lost batches. */
  sequence: whole,
  atNs: amount,
  hello: optional(hello),
  definitions: entries(definition),
  operations: entries(operationDelta),
  samples: entries(sampleDelta),
  /** Interval between two stack samples if `samples` are sent. */
  samplingNs: optional(amount),
  counters: entries(counterDelta),
  gauges: entries(gaugeEvent),
  items: entries(itemEvent),
  itemsOmitted: optional(whole),
  spans: entries(spanEvent),
  spansOmitted: optional(whole),
  resources: optional(resourceSample),
  dropped: optional(droppedRecords),
  /** Sentences for the user about what the guest cannot measure, and why. Each is sent once. */
  notices: optional(list(text, maxBatchNotices)),
  cost: probeCost,
  bye: optional(bye),
  /** Sent by the built-in validation whenever it changes. */
  validation: optional(isValidationState),
});
export type Batch = Infer<typeof isBatch>;
