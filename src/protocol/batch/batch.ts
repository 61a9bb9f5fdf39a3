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
  repairable,
  text,
  union,
  whole,
  withDefault,
} from '../schema.ts';
import { lineSource } from '../stacks.ts';
import { isValidationState } from '../validation/validation-state.ts';
import { exactReport } from './exact-report.ts';
import { maxBatchEntries, maxBatchNotices, protocolVersion } from './limits.ts';
import { isLoopBlockDelta, isStackLineDelta, isStackNodeDelta, isStackSampleDelta } from './stacks/stack-delta.ts';

const operationKind = literal('function', 'stage', 'check', 'query');
export type OperationKind = Infer<typeof operationKind>;

/** A property that a repair sets to zero if it is invalid, because what stands beside it is worth keeping. */
const wholeOrZero = withDefault(whole, 0);
const amountOrZero = withDefault(amount, 0);

const hello = object({
  pid: wholeOrZero,
  ppid: optional(whole),
  /** 0 in the main thread. */
  threadId: wholeOrZero,
  runtime: withDefault(text, ''),
  name: withDefault(text, ''),
  /** Name of the tool if the process is one that may only start the program, such as `npm`. */
  launcher: optional(text),
  /** Epoch milliseconds at the zero of this source's clock. Clocks of two sources are never subtracted. */
  wallStartMs: amountOrZero,
  /** Calibrated cost of one recorded call in this source. */
  recordNs: amountOrZero,
  /** Calibrated cost of one call that is counted but not timed; absent if the source times every call. */
  countNs: optional(amount),
  /** Another process has read the stacks of this one. What the process itself reports comes from another source. */
  fromOutside: optional(literal(true)),
  /** Random text that is the same after a reconnect and differs between two reporters in one process. */
  instance: optional(text),
  /** Proves to a host on a network address that the guest belongs to its run. */
  token: optional(text),
});
/** Describes a source; sent with the first batch of each process or worker thread. */
export type Hello = Infer<typeof hello>;

const definition = object({
  id: whole,
  component: text,
  name: text,
  kind: withDefault(operationKind, 'function'),
  /** Absolute path, or relative to the workspace, with the separators of the operating system. */
  file: optional(text),
  /** One-based, as is `column`. */
  line: optional(whole),
  column: optional(whole),
});
/** Assigns a number to an operation; sent once, before the number is used. */
export type Definition = Infer<typeof definition>;

/** Faster than `list(whole)`, because the call of `whole` is inlined. Most numbers of a batch are in buckets. */
function bucketPairs(value: unknown): value is readonly number[] {
  if (!Array.isArray(value) || value.length > maxBatchEntries || value.length % 2 !== 0) return false;
  for (let index = 0; index < value.length; index++) if (!whole(value[index])) return false;
  return true;
}
repairable(bucketPairs, (value, loss) => {
  if (!Array.isArray(value)) return undefined;
  const pairs: number[] = [];
  for (let index = 0; index < value.length; index += 2) {
    const [bucket, calls] = [value[index], value[index + 1]];
    if (pairs.length < maxBatchEntries && whole(bucket) && whole(calls)) pairs.push(bucket, calls);
    else loss.values++;
  }
  return pairs;
});

export const isOperationDelta = object({
  id: whole,
  /** Exact even if not every call was timed, unless `partial` is set. */
  count: whole,
  /** The guest stopped counting this operation because it cost too much; `count` is a lower bound from here on. */
  partial: optional(literal(true)),
  /** Number of timed calls if not all were timed. Durations and buckets are scaled up from these to all calls. */
  timed: optional(whole),
  errors: wholeOrZero,
  /** Time in which at least one call was in progress, so that recursive and overlapping calls count once. */
  totalNs: amountOrZero,
  /** Sum of the durations of all calls, if it differs from `totalNs`, because calls overlapped. */
  durationsNs: optional(amount),
  /** CPU time of asynchronous calls on their own stack; the rest of the total was spent waiting. */
  cpuNs: optional(amount),
  /** Running time without the measured operations called inside; absent if nesting is unknown. */
  selfNs: optional(amount),
  /** Shortest call of this batch; absent, like `maxNs`, if no call was timed. */
  minNs: optional(amount),
  maxNs: optional(amount),
  hits: wholeOrZero,
  misses: wholeOrZero,
  /** Calls in progress when the batch was built. */
  active: optional(whole),
  /** Pairs of a bucket index (see `buckets.ts`) and a number of calls. */
  buckets: withDefault(bucketPairs, []),
  errorTypes: optional(map(whole)),
});
export type OperationDelta = Infer<typeof isOperationDelta>;

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

export const isSpanEvent = object({
  id: whole,
  /** Nanoseconds since the zero of the source's clock. */
  startNs: amount,
  durationNs: amount,
  error: optional(text),
  attributes: optional(attributes),
});
/** One timed call. */
export type SpanEvent = Infer<typeof isSpanEvent>;

export const isItemEvent = object({
  component: text,
  name: text,
  /** File in the workspace if the item is one. */
  file: optional(text),
  /** Nanoseconds by operation name. */
  parts: withDefault(map(amount), {}),
  counts: withDefault(map(number), {}),
});
/**
 * Measurements of one thing that a pipeline worked on, such as a file. A later event with the same name is merged into it;
 * parts and counts of the same name are replaced.
 */
export type ItemEvent = Infer<typeof isItemEvent>;

const counterDelta = object({
  component: text,
  /** A plural noun, such as `files` or `calls`. */
  name: text,
  delta: amount,
});
export type CounterDelta = Infer<typeof counterDelta>;

/**
 * Rule by which the values of several threads and processes become one. `sum` and `max` are over those that run; `total` is
 * a sum that keeps the last values of those that have ended.
 */
export const isGaugeRule = literal('sum', 'max', 'total');
export type GaugeRule = Infer<typeof isGaugeRule>;

const gaugeEvent = object({
  component: text,
  name: text,
  value: number,
  /** `1`, `ratio`, `bytes` or `ns`. */
  unit: text,
  /** By default `sum` for the units `1` and `bytes`, and `max` for others. */
  rule: optional(isGaugeRule),
});
export type GaugeEvent = Infer<typeof gaugeEvent>;

const resourceSample = object({
  rssBytes: amount,
  heapBytes: amount,
  peakRssBytes: amount,
  cpuNs: amount,
  /** Longest event-loop delay since the previous sample. The name is that of the first version of the protocol. */
  eventLoopDelayP99Ns: amount,
  /** Time of the garbage collector on all threads; absent if the runtime does not report it. */
  gcNs: optional(amount),
});
/** Cumulative resource use of the source's process; the event-loop delay is that of the thread. */
export type ResourceSample = Infer<typeof resourceSample>;

const probeCost = object({
  /** Number of calls that were timed. */
  events: wholeOrZero,
  flushNs: amountOrZero,
  /** Number of calls that were counted but not timed. */
  counted: optional(whole),
});
/** Cost of the probe itself since its start. */
export type ProbeCost = Infer<typeof probeCost>;

const droppedRecords = object({
  /** Calls that were made but are in no operation of this or another batch, for example beyond a limit of the guest. */
  calls: optional(whole),
  /** Definitions, counters, gauges and other values that could not be kept or sent. */
  values: optional(whole),
});
/** Numbers of records that the guest could not keep or send since its previous batch. */
export type DroppedRecords = Infer<typeof droppedRecords>;

const bye = object({ reason: withDefault(literal('end', 'signal', 'error'), 'end'), message: optional(text) });
/** Sent with the last batch of a source. */
export type Bye = Infer<typeof bye>;

function entries<T>(guard: Guard<T>) {
  return optional(list(guard, maxBatchEntries));
}

/** Returns the number of calls that a batch reports. */
export function countCalls({ operations = [] }: Pick<Batch, 'operations'>): number {
  return operations.reduce((sum, { count }) => sum + count, 0);
}

export const isBatch = object({
  v: literal(protocolVersion),
  /** Process or thread that sends the batch, as `pid.threadId`. */
  source: text,
  /** Starts at 0 and rises by one with each batch of a source, so that a gap means lost batches. */
  sequence: whole,
  atNs: amountOrZero,
  hello: optional(hello),
  definitions: entries(definition),
  operations: entries(isOperationDelta),
  samples: entries(sampleDelta),
  /** New nodes of the tree of call stacks, parents first. Node 0 is the root. */
  stackNodes: entries(isStackNodeDelta),
  stackSamples: entries(isStackSampleDelta),
  /** Samples whose deeper frames count for a caller, because the tree of the source is full. */
  stackSamplesOmitted: optional(whole),
  stackLines: entries(isStackLineDelta),
  /** Present with `stackLines`. */
  stackLineSource: optional(lineSource),
  /** New nodes of the tree of the source's spans, in the form of `stackNodes`. */
  spanNodes: entries(isStackNodeDelta),
  /** For a node, its number of spans that ended and their wall time outside of spans inside, in the form of `stackSamples`. */
  spanTimes: entries(isStackSampleDelta),
  /** Spans that count for the one around them, because the tree is full. */
  spanTimesOmitted: optional(whole),
  /** Turns of the event loop of this thread that took longer than its limit. */
  blocks: entries(isLoopBlockDelta),
  /** Number of further ones. */
  blocksOmitted: optional(whole),
  /** Interval between two stack samples if `samples` or `stackSamples` are sent. */
  samplingNs: optional(amount),
  counters: entries(counterDelta),
  gauges: entries(gaugeEvent),
  items: entries(isItemEvent),
  itemsOmitted: optional(whole),
  spans: entries(isSpanEvent),
  spansOmitted: optional(whole),
  resources: optional(resourceSample),
  /** Longest delay of the event loop of this thread since its previous batch. */
  loopDelayNs: optional(amount),
  dropped: optional(droppedRecords),
  /** Sentences for the user about what the guest cannot measure, and why. Each is sent once. */
  notices: optional(list(text, maxBatchNotices)),
  /** Everything that the source knows about the functions to be timed exactly; replaces what it sent before. */
  exact: optional(list(exactReport, maxBatchEntries)),
  cost: withDefault(probeCost, { events: 0, flushNs: 0 }),
  bye: optional(bye),
  /** Sent by the built-in validation whenever it changes. */
  validation: optional(isValidationState),
});
export type Batch = Infer<typeof isBatch>;
