/** Looks at what came in before anyone believes that it is a batch. */
import {
  type Batch,
  type Bye,
  type CounterDelta,
  type Definition,
  type GaugeEvent,
  type Hello,
  type ItemEvent,
  type OperationDelta,
  type OperationKind,
  type ProbeCost,
  protocolVersion,
  type ResourceSample,
  type SampleDelta,
  type SpanEvent,
} from './event.ts';
import { isAmount, isListOf, isMapOf, isNumber, isOptional, isRecord, isText, isWhole } from './guard.ts';

/** Most entries of one kind in one batch; a batch beyond it is malformed. */
export const longestBatch = 20_000;

export function isBatch(value: unknown): value is Batch {
  return (
    isRecord(value) &&
    value['v'] === protocolVersion &&
    isText(value['source']) &&
    isWhole(value['sequence']) &&
    isAmount(value['atNs']) &&
    isOptional(value['hello'], isHello) &&
    isOptionalList(value['definitions'], isDefinition) &&
    isOptionalList(value['operations'], isOperationDelta) &&
    isOptionalList(value['samples'], isSampleDelta) &&
    isOptional(value['samplingNs'], isAmount) &&
    isOptionalList(value['counters'], isCounterDelta) &&
    isOptionalList(value['gauges'], isGaugeEvent) &&
    isOptionalList(value['items'], isItemEvent) &&
    isOptional(value['itemsOmitted'], isWhole) &&
    isOptionalList(value['spans'], isSpanEvent) &&
    isOptional(value['spansOmitted'], isWhole) &&
    isOptional(value['resources'], isResourceSample) &&
    isProbeCost(value['cost']) &&
    isOptional(value['bye'], isBye)
  );
}

/**
 * Whether a batch is the first of another program in the same process, as `exec` leaves its number alone. Who only says
 * again what it said tells of the same start.
 */
export function isAnotherProgram({ sequence, hello }: Batch, before: Hello | undefined): boolean {
  return sequence === 0 && hello !== undefined && before !== undefined && hello.wallStartMs !== before.wallStartMs;
}

function isOptionalList<T>(value: unknown, guard: (value: unknown) => value is T): boolean {
  return value === undefined || isListOf(value, guard, longestBatch);
}

function isHello(value: unknown): value is Hello {
  return (
    isRecord(value) &&
    isWhole(value['pid']) &&
    isOptional(value['ppid'], isWhole) &&
    isOptional(value['token'], isText) &&
    isWhole(value['threadId']) &&
    isText(value['runtime']) &&
    isText(value['name']) &&
    isAmount(value['wallStartMs']) &&
    isAmount(value['recordNs'])
  );
}

const kinds: ReadonlySet<unknown> = new Set<OperationKind>(['function', 'stage', 'check', 'query']);

function isDefinition(value: unknown): value is Definition {
  return (
    isRecord(value) &&
    isWhole(value['id']) &&
    isText(value['component']) &&
    isText(value['name']) &&
    kinds.has(value['kind']) &&
    isOptional(value['file'], isText) &&
    isOptional(value['line'], isWhole)
  );
}

function isOperationDelta(value: unknown): value is OperationDelta {
  return (
    isRecord(value) &&
    isWhole(value['id']) &&
    isWhole(value['count']) &&
    isOptional(value['partial'], isTrue) &&
    isOptional(value['timed'], isWhole) &&
    isOptional(value['cpuNs'], isAmount) &&
    isWhole(value['errors']) &&
    isAmount(value['totalNs']) &&
    isOptional(value['selfNs'], isAmount) &&
    isOptional(value['minNs'], isAmount) &&
    isOptional(value['maxNs'], isAmount) &&
    isWhole(value['hits']) &&
    isWhole(value['misses']) &&
    isOptional(value['active'], isWhole) &&
    isBuckets(value['buckets']) &&
    (value['errorTypes'] === undefined || isMapOf(value['errorTypes'], isWhole))
  );
}

function isTrue(value: unknown): value is true {
  return value === true;
}

function isSampleDelta(value: unknown): value is SampleDelta {
  return (
    isRecord(value) &&
    isWhole(value['id']) &&
    isWhole(value['samples']) &&
    isAmount(value['selfNs']) &&
    isAmount(value['totalNs'])
  );
}

function isBuckets(value: unknown): boolean {
  return isListOf(value, isWhole, longestBatch) && value.length % 2 === 0;
}

function isCounterDelta(value: unknown): value is CounterDelta {
  return isRecord(value) && isText(value['component']) && isText(value['name']) && isAmount(value['delta']);
}

function isGaugeEvent(value: unknown): value is GaugeEvent {
  return (
    isRecord(value) &&
    isText(value['component']) &&
    isText(value['name']) &&
    isNumber(value['value']) &&
    isText(value['unit'])
  );
}

function isItemEvent(value: unknown): value is ItemEvent {
  return (
    isRecord(value) &&
    isText(value['component']) &&
    isText(value['name']) &&
    isOptional(value['file'], isText) &&
    isMapOf(value['parts'], isAmount) &&
    isMapOf(value['counts'], isNumber)
  );
}

function isSpanEvent(value: unknown): value is SpanEvent {
  return (
    isRecord(value) &&
    isWhole(value['id']) &&
    isAmount(value['startNs']) &&
    isAmount(value['durationNs']) &&
    isOptional(value['error'], isText) &&
    (value['attributes'] === undefined || isMapOf(value['attributes'], isAttribute))
  );
}

function isAttribute(value: unknown): value is string | number | boolean {
  return isText(value) || isNumber(value) || typeof value === 'boolean';
}

function isResourceSample(value: unknown): value is ResourceSample {
  return (
    isRecord(value) &&
    isAmount(value['rssBytes']) &&
    isAmount(value['heapBytes']) &&
    isAmount(value['peakRssBytes']) &&
    isAmount(value['cpuNs']) &&
    isAmount(value['eventLoopDelayP99Ns']) &&
    isOptional(value['gcNs'], isAmount)
  );
}

function isProbeCost(value: unknown): value is ProbeCost {
  return isRecord(value) && isWhole(value['events']) && isAmount(value['flushNs']);
}

const reasons: ReadonlySet<unknown> = new Set<Bye['reason']>(['end', 'signal', 'error']);

function isBye(value: unknown): value is Bye {
  return isRecord(value) && reasons.has(value['reason']) && isOptional(value['message'], isText);
}
