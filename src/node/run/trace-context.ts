/** Places a run in a distributed trace (W3C Trace Context) and passes the trace on to its program. */
import { randomBytes } from 'node:crypto';
import { isSpanContextValid, type SpanContext, TraceFlags } from '@opentelemetry/api';
import { defined } from '../../protocol/defined.ts';

/** Variable names defined by the OpenTelemetry specification for trace context in environments. */
const parentVariable = 'TRACEPARENT';
const stateVariable = 'TRACESTATE';

/** Creates the span of a new run. It belongs to the trace that started this process, if any, or else to a new trace. */
export function createRunSpan(env: NodeJS.ProcessEnv = process.env): SpanContext {
  const parent = parseTraceparent(env[parentVariable]);
  return {
    traceId: parent?.traceId ?? randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    traceFlags: parent?.traceFlags ?? TraceFlags.SAMPLED,
  };
}

/** Returns false if the trace that started this process is not recorded. */
export function isSampled(env: NodeJS.ProcessEnv = process.env): boolean {
  return parseTraceparent(env[parentVariable])?.traceFlags !== TraceFlags.NONE;
}

/** Returns the id of the span that started this process, if any. */
export function parentSpanId(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return parseTraceparent(env[parentVariable])?.spanId;
}

/** Returns the variables that make the spans of a child process children of this span. */
export function traceEnvironment(span: SpanContext, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const flags = span.traceFlags.toString(16).padStart(2, '0');
  return {
    [parentVariable]: `00-${span.traceId}-${span.spanId}-${flags}`,
    ...defined({ [stateVariable]: env[stateVariable] }),
  };
}

/**
 * Parses a `traceparent` value. Later versions are read by the fields of version 00, as W3C Trace Context requires.
 * Returns undefined if the value is invalid.
 */
export function parseTraceparent(text: string | undefined): SpanContext | undefined {
  const match = /^(?!ff)[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-|$)/.exec(text ?? '');
  if (!match) return undefined;
  const [, traceId = '', spanId = '', flags = ''] = match;
  const span = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
  return isSpanContextValid(span) ? span : undefined;
}
