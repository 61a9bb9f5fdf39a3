/** What comes in, by signal and encoding, as one shape. */
import { jsonDecoder } from './json-decoder.ts';
import { metrics, traces } from './otlp-schema.ts';
import { protobufDecoder } from './protobuf-decoder.ts';

/** Content types of the two encodings. */
export const contentTypes = { json: 'application/json', protobuf: 'application/x-protobuf' } as const;
export type Encoding = keyof typeof contentTypes;

export const decodeTraces = { json: jsonDecoder(traces), protobuf: protobufDecoder(traces) } as const;
export const decodeMetrics = { json: jsonDecoder(metrics), protobuf: protobufDecoder(metrics) } as const;
