/** Places a run in a distributed trace: the span that stands for it, and the environment that hands it to the child. */
import { randomBytes } from 'node:crypto';
import { isSpanContextValid, type SpanContext, TraceFlags } from '@opentelemetry/api';
import { defined } from '../../protocol/defined.ts';

/** Environment variables of OpenTelemetry's specification for trace context in environments; values as in W3C Trace Context. */
const parentVariable = 'TRACEPARENT';
const stateVariable = 'TRACESTATE';

/** Span of a new run: part of the trace that started us where there is a valid one, else the root of its own. */
export function spanOfRun(env: NodeJS.ProcessEnv = process.env): SpanContext {
  const parent = readTraceparent(env[parentVariable]);
  return {
    traceId: parent?.traceId ?? randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    traceFlags: parent?.traceFlags ?? TraceFlags.SAMPLED,
  };
}

/** What a child needs to make its spans children of this one; the state of the trace is handed on as it came. */
export function environmentOf(span: SpanContext, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const flags = span.traceFlags.toString(16).padStart(2, '0');
  const state = env[stateVariable];
  return {
    [parentVariable]: `00-${span.traceId}-${span.spanId}-${flags}`,
    ...defined({ [stateVariable]: state }),
  };
}

/** Reads a `traceparent` of any version by the fields of version 00; nothing where it is none. */
export function readTraceparent(text: string | undefined): SpanContext | undefined {
  const match = /^(?!ff)[\da-f]{2}-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-|$)/.exec(text ?? '');
  if (!match) return undefined;
  const [, traceId = '', spanId = '', flags = ''] = match;
  const span = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
  return isSpanContextValid(span) ? span : undefined;
}
