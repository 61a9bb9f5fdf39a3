/**
 * Verifies the parts of a snapshot that was read from a file: the types of everything that panel, editor and terminal read.
 * Files of earlier versions may lack properties, and numbers that were not finite have become null.
 */
import {
  type Guard,
  isRecord,
  list,
  longText,
  map,
  object,
  optional,
  text,
  union,
  whole,
} from '../../protocol/schema.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import { isStacks } from '../../protocol/stacks.ts';
import { isValidationState } from '../../protocol/validation/validation-state.ts';

const maxRows = 1_000_000;
/** More than the deepest stacks that are captured. */
const maxPathLength = 10_000;

const isNull = (value: unknown): value is null => value === null;
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const amount = optional(union(isNumber, isNull));
const rows = (row: Guard<unknown>): Guard<unknown> => list(row, maxRows);

const run = object({
  title: text,
  workspace: text,
  startedAt: text,
  result: text,
  kind: optional(text),
  message: optional(longText),
  exitCode: amount,
  signal: optional(text),
  processNs: amount,
  git: optional(object({ commit: text, branch: optional(text), dirty: optional(isFlag) })),
  trace: optional(object({ traceId: text, spanId: text, parentSpanId: optional(text) })),
  unit: optional(object({ component: text, operation: text, noun: text })),
});

const light = (value: unknown): value is string =>
  value === 'ok' || value === 'warning' || value === 'error' || value === 'off';

const health = object({
  score: optional(isNumber),
  level: optional(text),
  light: optional(light),
  reason: optional(longText),
  parts: rows(object({ name: text, points: isNumber, available: isNumber })),
});

/** Numbers that components and operations have in common. */
const calls = {
  count: isNumber,
  errors: isNumber,
  errorTypes: map(isNumber),
  totalNs: isNumber,
  p50Ns: amount,
  p95Ns: amount,
  p99Ns: amount,
  cacheHits: isNumber,
  cacheMisses: isNumber,
};

const component = object({
  ...calls,
  name: text,
  light,
  score: amount,
  reason: longText,
  ratePerSecond: isNumber,
  active: amount,
  counters: map(isNumber),
  gauges: map(object({ value: isNumber, unit: text, peak: optional(isNumber) })),
});

const operation = object({
  ...calls,
  component: text,
  name: text,
  kind: text,
  file: optional(text),
  line: optional(isNumber),
  selfNs: optional(isNumber),
  averageNs: amount,
  minNs: amount,
  maxNs: amount,
  source: text,
  samples: optional(isNumber),
  timed: amount,
  cpuNs: amount,
  histogram: optional(longText),
});

const item = object({
  component: text,
  name: text,
  file: optional(text),
  totalNs: isNumber,
  parts: map(isNumber),
  counts: map(isNumber),
});

const attribute = (value: unknown): value is unknown => typeof value !== 'object' || value === null;

const span = object({
  source: text,
  component: text,
  name: text,
  startNs: isNumber,
  durationNs: isNumber,
  error: optional(longText),
  attributes: optional(map(attribute)),
});

const series = map(
  object({
    metric: text,
    scope: optional(text),
    unit: text,
    stepNs: isNumber,
    startNs: isNumber,
    values: rows(union(isNumber, isNull)),
  }),
);

const processState = object({
  source: text,
  pid: isNumber,
  ppid: amount,
  threadId: isNumber,
  name: text,
  runtime: text,
  launcher: optional(text),
  events: isNumber,
  calls: amount,
  sampledNs: amount,
  loopDelayNs: amount,
  hasSpans: optional(isFlag),
  rssBytes: amount,
  cpuNs: amount,
});

const resources = object({
  peakRssBytes: optional(isNumber),
  rssBytes: optional(isNumber),
  cpuNs: optional(isNumber),
  processes: isNumber,
});
const overhead = object({
  recordNs: isNumber,
  events: isNumber,
  counted: amount,
  callsNs: amount,
  flushNs: isNumber,
  hostNs: isNumber,
  percent: isNumber,
});

const codeGroup = object({
  kind: text,
  name: text,
  members: rows(text),
  cpuNs: isNumber,
  source: text,
  united: optional(isNumber),
});

const path = list(whole, maxPathLength);
const blockedFunction = object({
  id: whole,
  name: text,
  file: optional(text),
  line: optional(whole),
  component: text,
  count: isNumber,
  longestNs: isNumber,
  totalNs: isNumber,
  path,
});
const blockMoment = object({
  atNs: isNumber,
  durationNs: isNumber,
  process: isNumber,
  thread: isNumber,
  function: whole,
  path,
});

/** Guards by the property of the snapshot. One row verifies one property. */
const guards: Readonly<Record<Exclude<keyof Snapshot, 'schema'>, Guard<unknown>>> = {
  run,
  health,
  components: rows(component),
  operations: rows(operation),
  operationsOmitted: isNumber,
  items: rows(item),
  spans: rows(span),
  series,
  processes: rows(processState),
  resources,
  overhead,
  code: optional(object({ totalNs: isNumber, groups: rows(codeGroup) })),
  eventLoopBlocks: optional(
    object({
      count: isNumber,
      longestNs: isNumber,
      totalNs: isNumber,
      functions: rows(blockedFunction),
      moments: rows(blockMoment),
      omitted: isNumber,
    }),
  ),
  stacks: optional(isStacks),
  samplingNs: optional(isNumber),
  sampledNs: optional(isNumber),
  dropped: map(isNumber),
  notices: rows(text),
  validation: optional(isValidationState),
};

/** Returns the name of the first property that is not as a snapshot has it, or undefined if all are. */
export function findInvalidPart(snapshot: unknown): string | undefined {
  if (!isRecord(snapshot)) return 'the file';
  return Object.entries(guards).find(([key, guard]) => !guard(snapshot[key]))?.[0];
}
