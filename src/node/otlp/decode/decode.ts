/** Decoders of OTLP request bodies, by signal and encoding. Both encodings yield the same objects. */
import { createJsonDecoder } from './json-decoder.ts';
import { metrics, traces } from './otlp-schema.ts';
import { createProtobufDecoder } from './protobuf-decoder.ts';

export const contentTypes = { json: 'application/json', protobuf: 'application/x-protobuf' } as const;
export type Encoding = keyof typeof contentTypes;

export const decodeTraces = { json: createJsonDecoder(traces), protobuf: createProtobufDecoder(traces) } as const;
export const decodeMetrics = { json: createJsonDecoder(metrics), protobuf: createProtobufDecoder(metrics) } as const;
