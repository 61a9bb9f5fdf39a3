/**
 * The parts of OpenTelemetry's protocol that are read, as tables: a row is a field's JSON name, its number in protobuf
 * and its type. Both encodings are decoded by these tables into one shape, and the types of that shape are taken from
 * them. A field without a row is skipped. Source: opentelemetry-proto 1.9, `trace.proto` and `metrics.proto`.
 */

/** A body that does not fit its encoding or the protocol; its message is a sentence without an end. */
export class Malformed extends Error {}

/** Types of single values, and what they are here. */
export interface Scalars {
  text: string;
  /** Bytes in protobuf, hexadecimal in JSON. */
  id: string;
  /** Nanoseconds since 1970, which a number cannot hold exactly. */
  time: bigint;
  double: number;
  fixed64: number;
  sfixed64: number;
  int64: number;
  uint64: number;
  uint32: number;
  sint32: number;
  bool: boolean;
}

export type Field = readonly [at: number, type: keyof Scalars | Message, many?: 'many'];

export interface Message {
  readonly [name: string]: Field;
}

type Of<T> = T extends keyof Scalars ? Scalars[T] : Shape<T>;

/** What a message is after decoding: a field that was not sent is undefined, a repeated one is empty. */
export type Shape<M> = {
  readonly [N in keyof M]: M[N] extends readonly [number, infer T, 'many']
    ? readonly Of<T>[]
    : M[N] extends readonly [number, infer T]
      ? Of<T> | undefined
      : never;
};

/** Lists, maps and bytes are left out: nothing that is read of attributes is one. */
const value = {
  stringValue: [1, 'text'],
  boolValue: [2, 'bool'],
  intValue: [3, 'int64'],
  doubleValue: [4, 'double'],
} as const satisfies Message;
const attribute = { key: [1, 'text'], value: [2, value] } as const satisfies Message;
const resource = { attributes: [1, attribute, 'many'] } as const satisfies Message;
const scope = { name: [1, 'text'] } as const satisfies Message;

const event = { name: [2, 'text'], attributes: [3, attribute, 'many'] } as const satisfies Message;
const status = { message: [2, 'text'], code: [3, 'uint32'] } as const satisfies Message;
const span = {
  traceId: [1, 'id'],
  spanId: [2, 'id'],
  parentSpanId: [4, 'id'],
  name: [5, 'text'],
  startTimeUnixNano: [7, 'time'],
  endTimeUnixNano: [8, 'time'],
  attributes: [9, attribute, 'many'],
  events: [11, event, 'many'],
  status: [15, status],
} as const satisfies Message;
const scopeSpans = { scope: [1, scope], spans: [2, span, 'many'] } as const satisfies Message;
const resourceSpans = { resource: [1, resource], scopeSpans: [2, scopeSpans, 'many'] } as const satisfies Message;
export const traces = { resourceSpans: [1, resourceSpans, 'many'] } as const satisfies Message;

const number = {
  startTimeUnixNano: [2, 'time'],
  asDouble: [4, 'double'],
  asInt: [6, 'sfixed64'],
  attributes: [7, attribute, 'many'],
  flags: [8, 'uint32'],
} as const satisfies Message;
const distribution = {
  startTimeUnixNano: [2, 'time'],
  count: [4, 'fixed64'],
  sum: [5, 'double'],
  bucketCounts: [6, 'fixed64', 'many'],
  explicitBounds: [7, 'double', 'many'],
  attributes: [9, attribute, 'many'],
  flags: [10, 'uint32'],
  min: [11, 'double'],
  max: [12, 'double'],
} as const satisfies Message;
const powers = { offset: [1, 'sint32'], bucketCounts: [2, 'uint64', 'many'] } as const satisfies Message;
const exponential = {
  attributes: [1, attribute, 'many'],
  startTimeUnixNano: [2, 'time'],
  count: [4, 'fixed64'],
  sum: [5, 'double'],
  scale: [6, 'sint32'],
  zeroCount: [7, 'fixed64'],
  positive: [8, powers],
  flags: [10, 'uint32'],
  min: [12, 'double'],
  max: [13, 'double'],
} as const satisfies Message;
const metric = {
  name: [1, 'text'],
  unit: [3, 'text'],
  gauge: [5, { dataPoints: [1, number, 'many'] }],
  sum: [7, { dataPoints: [1, number, 'many'], aggregationTemporality: [2, 'uint32'], isMonotonic: [3, 'bool'] }],
  histogram: [9, { dataPoints: [1, distribution, 'many'], aggregationTemporality: [2, 'uint32'] }],
  exponentialHistogram: [10, { dataPoints: [1, exponential, 'many'], aggregationTemporality: [2, 'uint32'] }],
} as const satisfies Message;
const scopeMetrics = { scope: [1, scope], metrics: [2, metric, 'many'] } as const satisfies Message;
const resourceMetrics = { resource: [1, resource], scopeMetrics: [2, scopeMetrics, 'many'] } as const satisfies Message;
export const metrics = { resourceMetrics: [1, resourceMetrics, 'many'] } as const satisfies Message;

export type Attribute = Shape<typeof attribute>;
export type Span = Shape<typeof span>;
export type Traces = Shape<typeof traces>;
export type Metric = Shape<typeof metric>;
export type NumberPoint = Shape<typeof number>;
export type DistributionPoint = Shape<typeof distribution>;
export type ExponentialPoint = Shape<typeof exponential>;
export type Metrics = Shape<typeof metrics>;
