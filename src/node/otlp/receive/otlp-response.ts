/**
 * What the receiver answers, in the encoding in which it was asked. Source: opentelemetry.io/docs/specs/otlp, "OTLP/HTTP
 * Response": a partial success tells what was left out, a failure is a `google.rpc.Status`.
 */
import { contentTypes, type Encoding } from '../decode/decode.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** gRPC's `INVALID_ARGUMENT`, which stands in every refusal. */
const invalidArgument = 3;

export function success(encoding: Encoding): Answer {
  return answer(200, encoding, Buffer.from(encoding === 'json' ? '{}' : ''));
}

/** Taken, less so many `parts` (`rejectedSpans`, `rejectedDataPoints`). */
export function partialSuccess(encoding: Encoding, parts: string, rejected: number, message: string): Answer {
  const told = { partialSuccess: { [parts]: String(rejected), errorMessage: message } };
  const bytes = (): Buffer => field(1, Buffer.concat([number(1, rejected), field(2, Buffer.from(message))]));
  return answer(200, encoding, encoding === 'json' ? Buffer.from(JSON.stringify(told)) : bytes());
}

export function failure(
  status: number,
  encoding: Encoding,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const told = { code: invalidArgument, message };
  const bytes = (): Buffer => Buffer.concat([number(1, invalidArgument), field(2, Buffer.from(message))]);
  const made = answer(status, encoding, encoding === 'json' ? Buffer.from(JSON.stringify(told)) : bytes());
  return { ...made, headers: { ...made.headers, ...headers } };
}

function answer(status: number, encoding: Encoding, body: Buffer): Answer {
  return { status, headers: { 'content-type': contentTypes[encoding], 'content-length': String(body.length) }, body };
}

/** A length-delimited field of protobuf. */
function field(at: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([at * 8 + 2, ...varint(bytes.length)]), bytes]);
}

function number(at: number, value: number): Buffer {
  return Buffer.from([at * 8, ...varint(value)]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}
