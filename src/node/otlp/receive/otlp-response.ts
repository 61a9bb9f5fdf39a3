/**
 * Creates the responses of the receiver, in the encoding of the request. A partial success reports what was dropped; a
 * failure is a `google.rpc.Status`. Source: opentelemetry.io/docs/specs/otlp, "OTLP/HTTP Response".
 */
import { contentTypes, type Encoding } from '../decode/decode.ts';

export interface OtlpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** gRPC's `INVALID_ARGUMENT`, the code of every failure. */
const invalidArgument = 3;

export function success(encoding: Encoding): OtlpResponse {
  return createResponse(200, encoding, Buffer.from(encoding === 'json' ? '{}' : ''));
}

/**
 * Creates the response to a request from which some items were dropped.
 * @param countField `rejectedSpans` or `rejectedDataPoints`
 */
export function partialSuccess(
  encoding: Encoding,
  countField: string,
  rejected: number,
  message: string,
): OtlpResponse {
  const json = { partialSuccess: { [countField]: String(rejected), errorMessage: message } };
  const encode = (): Buffer =>
    bytesField(1, Buffer.concat([varintField(1, rejected), bytesField(2, Buffer.from(message))]));
  return createResponse(200, encoding, encoding === 'json' ? Buffer.from(JSON.stringify(json)) : encode());
}

export function failure(
  status: number,
  encoding: Encoding,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): OtlpResponse {
  const json = { code: invalidArgument, message };
  const encode = (): Buffer => Buffer.concat([varintField(1, invalidArgument), bytesField(2, Buffer.from(message))]);
  const response = createResponse(status, encoding, encoding === 'json' ? Buffer.from(JSON.stringify(json)) : encode());
  return { ...response, headers: { ...response.headers, ...headers } };
}

function createResponse(status: number, encoding: Encoding, body: Buffer): OtlpResponse {
  return { status, headers: { 'content-type': contentTypes[encoding], 'content-length': String(body.length) }, body };
}

/** Encodes a length-delimited protobuf field. */
function bytesField(fieldNumber: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([fieldNumber * 8 + 2, ...encodeVarint(bytes.length)]), bytes]);
}

function varintField(fieldNumber: number, value: number): Buffer {
  return Buffer.from([fieldNumber * 8, ...encodeVarint(value)]);
}

function encodeVarint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...encodeVarint(Math.floor(value / 128))];
}
