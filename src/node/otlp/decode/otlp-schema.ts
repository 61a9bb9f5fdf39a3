/**
 * Schema of the parts of OTLP that we read. Each row maps a field's JSON name to its protobuf number and its type. The
 * decoders of both encodings and the types of the decoded objects are derived from these tables. A field without a row is
 * skipped. Source: opentelemetry-proto 1.9, `trace.proto` and `metrics.proto`.
 */

/** A request body that is not valid OTLP. The message is a sentence without its final period. */
export class MalformedError extends Error {}

/** Maximum number of messages in a body. Real bodies never reach it, but a body of empty messages could exceed it. */
export const maxMessages = 1_000_000;

/** Scalar field types and the types of their decoded values. */
export interface Scalars {
  text: string;
  /** Bytes in protobuf, hexadecimal in JSON. */
  id: string;
  /** Unix time in nanoseconds, which a number cannot represent exactly. */
  time: bigint;
  double: number;
  fixed64: number;
  sfixed64: number;
  int64: number;
  uint64: number;
  uint32: number;
  sint32: number;
  bool: boolean;
  /** `AggregationTemporality`; a number, or a name in JSON of senders that do not follow the specification. */
  temporality: number;
  /** `Status.StatusCode`; a number, or a name as above. */
  statusCode: number;
  /** `Span.SpanKind`, as above. */
  spanKind: number;
}

/** Values of enums, by name. */
export const enums = {
  temporality: {
    AGGREGATION_TEMPORALITY_UNSPECIFIED: 0,
    AGGREGATION_TEMPORALITY_DELTA: 1,
    AGGREGATION_TEMPORALITY_CUMULATIVE: 2,
  },
  statusCode: { STATUS_CODE_UNSET: 0, STATUS_CODE_OK: 1, STATUS_CODE_ERROR: 2 },
  spanKind: {
    SPAN_KIND_UNSPECIFIED: 0,
    SPAN_KIND_INTERNAL: 1,
    SPAN_KIND_SERVER: 2,
    SPAN_KIND_CLIENT: 3,
    SPAN_KIND_PRODUCER: 4,
    SPAN_KIND_CONSUMER: 5,
  },
} as const;

export type FieldSchema = readonly [fieldNumber: number, type: keyof Scalars | MessageSchema, repeated?: 'repeated'];

export interface MessageSchema {
  readonly [name: string]: FieldSchema;
}

type DecodedValue<T> = T extends keyof Scalars ? Scalars[T] : Decoded<T>;

/** A decoded message. A missing field is undefined, or an empty array if it is repeated. */
export type Decoded<M> = {
  readonly [N in keyof M]: M[N] extends readonly [number, infer T, 'repeated']
    ? readonly DecodedValue<T>[]
    : M[N] extends readonly [number, infer T]
      ? DecodedValue<T> | undefined
      : never;
};

/** Omits arrays, maps and bytes, because no attribute that we read has such a value. */
const value = {
  stringValue: [1, 'text'],
  boolValue: [2, 'bool'],
  intValue: [3, 'int64'],
  doubleValue: [4, 'double'],
} as const satisfies MessageSchema;
const attribute = { key: [1, 'text'], value: [2, value] } as const satisfies MessageSchema;
/** Includes arrays, because the attributes of a data point identify its stream. */
const pointAttribute = {
  key: [1, 'text'],
  value: [2, { ...value, arrayValue: [5, { values: [1, value, 'repeated'] }] }],
} as const satisfies MessageSchema;
const resource = { attributes: [1, attribute, 'repeated'] } as const satisfies MessageSchema;
const scope = { name: [1, 'text'], version: [2, 'text'] } as const satisfies MessageSchema;

const event = { name: [2, 'text'], attributes: [3, attribute, 'repeated'] } as const satisfies MessageSchema;
const status = { message: [2, 'text'], code: [3, 'statusCode'] } as const satisfies MessageSchema;
const span = {
  traceId: [1, 'id'],
  spanId: [2, 'id'],
  parentSpanId: [4, 'id'],
  name: [5, 'text'],
  kind: [6, 'spanKind'],
  startTimeUnixNano: [7, 'time'],
  endTimeUnixNano: [8, 'time'],
  attributes: [9, attribute, 'repeated'],
  events: [11, event, 'repeated'],
  status: [15, status],
} as const satisfies MessageSchema;
const scopeSpans = { scope: [1, scope], spans: [2, span, 'repeated'] } as const satisfies MessageSchema;
const resourceSpans = {
  resource: [1, resource],
  scopeSpans: [2, scopeSpans, 'repeated'],
} as const satisfies MessageSchema;
export const traces = { resourceSpans: [1, resourceSpans, 'repeated'] } as const satisfies MessageSchema;

const number = {
  startTimeUnixNano: [2, 'time'],
  timeUnixNano: [3, 'time'],
  asDouble: [4, 'double'],
  asInt: [6, 'sfixed64'],
  attributes: [7, pointAttribute, 'repeated'],
  flags: [8, 'uint32'],
} as const satisfies MessageSchema;
const distribution = {
  startTimeUnixNano: [2, 'time'],
  timeUnixNano: [3, 'time'],
  count: [4, 'fixed64'],
  sum: [5, 'double'],
  bucketCounts: [6, 'fixed64', 'repeated'],
  explicitBounds: [7, 'double', 'repeated'],
  attributes: [9, pointAttribute, 'repeated'],
  flags: [10, 'uint32'],
  min: [11, 'double'],
  max: [12, 'double'],
} as const satisfies MessageSchema;
const exponentialBuckets = {
  offset: [1, 'sint32'],
  bucketCounts: [2, 'uint64', 'repeated'],
} as const satisfies MessageSchema;
const exponential = {
  attributes: [1, pointAttribute, 'repeated'],
  startTimeUnixNano: [2, 'time'],
  timeUnixNano: [3, 'time'],
  count: [4, 'fixed64'],
  sum: [5, 'double'],
  scale: [6, 'sint32'],
  zeroCount: [7, 'fixed64'],
  positive: [8, exponentialBuckets],
  negative: [9, exponentialBuckets],
  flags: [10, 'uint32'],
  min: [12, 'double'],
  max: [13, 'double'],
} as const satisfies MessageSchema;
const summary = {
  startTimeUnixNano: [2, 'time'],
  timeUnixNano: [3, 'time'],
  count: [4, 'fixed64'],
  sum: [5, 'double'],
  quantileValues: [6, { quantile: [1, 'double'], value: [2, 'double'] }, 'repeated'],
  attributes: [7, pointAttribute, 'repeated'],
  flags: [8, 'uint32'],
} as const satisfies MessageSchema;
const metric = {
  name: [1, 'text'],
  unit: [3, 'text'],
  gauge: [5, { dataPoints: [1, number, 'repeated'] }],
  sum: [
    7,
    { dataPoints: [1, number, 'repeated'], aggregationTemporality: [2, 'temporality'], isMonotonic: [3, 'bool'] },
  ],
  histogram: [9, { dataPoints: [1, distribution, 'repeated'], aggregationTemporality: [2, 'temporality'] }],
  exponentialHistogram: [10, { dataPoints: [1, exponential, 'repeated'], aggregationTemporality: [2, 'temporality'] }],
  summary: [11, { dataPoints: [1, summary, 'repeated'] }],
} as const satisfies MessageSchema;
const scopeMetrics = { scope: [1, scope], metrics: [2, metric, 'repeated'] } as const satisfies MessageSchema;
const resourceMetrics = {
  resource: [1, resource],
  scopeMetrics: [2, scopeMetrics, 'repeated'],
} as const satisfies MessageSchema;
export const metrics = { resourceMetrics: [1, resourceMetrics, 'repeated'] } as const satisfies MessageSchema;

export type OtlpAttribute = Decoded<typeof attribute>;
export type PointAttribute = Decoded<typeof pointAttribute>;
export type OtlpSpan = Decoded<typeof span>;
export type Traces = Decoded<typeof traces>;
export type OtlpMetric = Decoded<typeof metric>;
export type NumberPoint = Decoded<typeof number>;
export type DistributionPoint = Decoded<typeof distribution>;
export type SummaryPoint = Decoded<typeof summary>;
export type ExponentialPoint = Decoded<typeof exponential>;
export type Metrics = Decoded<typeof metrics>;
