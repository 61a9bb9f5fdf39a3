/** Records spans as operations: a span is one timed call of the operation with its name. */
import { fileURLToPath } from 'node:url';
import { defined } from '../../../protocol/defined.ts';
import { maxTextLength } from '../../../protocol/schema.ts';
import type { OtlpSpan } from '../decode/otlp-schema.ts';
import { getAttribute, getText, getWholeNumber, truncate } from './attributes.ts';
import type { OperationDetails, OtlpSource } from './otlp-source.ts';
import type { SpanKeys } from './span-assembler.ts';

/** `STATUS_CODE_ERROR`. */
const errorStatus = 2;
const maxErrorLength = 120;
/** `SPAN_KIND_SERVER` and `SPAN_KIND_CONSUMER`: the span around them is in the process that sent the request. */
const serverKind = 2;
const consumerKind = 5;

/** Attribute names of the semantic conventions: the stable name, then deprecated ones. */
const names = {
  function: ['code.function.name', 'code.function'],
  file: ['code.file.path', 'code.filepath'],
  line: ['code.line.number', 'code.lineno'],
  database: ['db.system.name', 'db.system'],
  httpStatus: ['http.response.status_code', 'http.status_code'],
} as const;

/**
 * Adds the spans of a scope to a source, received at a time by a clock that only moves forward. Returns the number of spans dropped because
 * their times are invalid.
 */
export function addSpans(source: OtlpSource, scope: string, spans: readonly OtlpSpan[], nowMs = 0): number {
  const component = source.service ?? scope;
  let rejected = 0;
  for (const span of spans) {
    const { startTimeUnixNano: startNs, endTimeUnixNano: endNs } = span;
    if (!startNs || !endNs || endNs < startNs) {
      rejected++;
      continue;
    }
    const durationNs = Number(endNs - startNs);
    const { id, totals } = source.operation(component, span.name || 'span', () => detailsOf(span));
    const error = errorType(span);
    const cacheHit = getAttribute(span.attributes, 'cache.hit');
    totals.record(durationNs);
    if (error !== undefined) totals.recordError(error);
    if (typeof cacheHit === 'boolean') totals.recordLookup(cacheHit);
    source.addSpan({ id, startNs, durationNs, error }, span);
    source.tree.add({ id, startNs, durationNs, ...keysOf(span, source.runSpanId) }, nowMs);
  }
  if (rejected > 0)
    source.drop({ calls: rejected }, 'Some spans were dropped because they have no valid start and end time.');
  return rejected;
}

/** Returns what identifies a span and the span around it, in the same process. */
function keysOf({ traceId, spanId, parentSpanId, kind = 0 }: OtlpSpan, runSpanId: string | undefined): SpanKeys {
  const isFromElsewhere = kind === serverKind || kind === consumerKind || parentSpanId === runSpanId;
  return {
    ...(traceId && spanId ? { key: `${traceId}${spanId}` } : {}),
    ...(traceId && parentSpanId && !isFromElsewhere ? { parentKey: `${traceId}${parentSpanId}` } : {}),
  };
}

/** Returns the kind and source location of an operation, from its first span. */
function detailsOf({ attributes }: OtlpSpan): OperationDetails {
  const file = toFilePath(getText(attributes, ...names.file));
  const line = getWholeNumber(attributes, ...names.line);
  const isFunction = file !== undefined || getText(attributes, ...names.function) !== undefined;
  return {
    kind: isFunction ? 'function' : getText(attributes, ...names.database) === undefined ? 'stage' : 'query',
    ...defined({ file }),
    ...(file !== undefined && line ? { line } : {}),
  };
}

/** Converts a path or a `file:` URL to a path. Returns undefined if it is missing, too long or an invalid URL. */
function toFilePath(pathOrUrl: string | undefined): string | undefined {
  if (pathOrUrl === undefined || pathOrUrl.length > maxTextLength) return undefined;
  if (!pathOrUrl.startsWith('file:')) return pathOrUrl;
  try {
    return fileURLToPath(pathOrUrl);
  } catch {
    return undefined;
  }
}

/** Returns the type of the error if the status of the span is an error. */
function errorType({ status, events, attributes }: OtlpSpan): string | undefined {
  if (status?.code !== errorStatus) return undefined;
  const exception = events.findLast(({ name }) => name === 'exception');
  const type = (exception && getText(exception.attributes, 'exception.type')) ?? getText(attributes, 'error.type');
  const label = type ?? getWholeNumber(attributes, ...names.httpStatus) ?? (status.message || 'error');
  return truncate(String(label), maxErrorLength);
}
