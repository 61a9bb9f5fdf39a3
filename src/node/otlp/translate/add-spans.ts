/** Spans as operations: each is one timed call of the operation that its name says. */
import { fileURLToPath } from 'node:url';
import { defined } from '../../../protocol/defined.ts';
import { longestText } from '../../../protocol/guard.ts';
import type { Span } from '../decode/otlp-schema.ts';
import { attributeOf, short, textOf, wholeOf } from './attributes.ts';
import type { Source, Told } from './otlp-source.ts';

/** `STATUS_CODE_ERROR`. */
const failed = 2;
const longestError = 120;

/** Names of attributes by the semantic conventions, the stable one before the older ones. */
const names = {
  function: ['code.function.name', 'code.function'],
  file: ['code.file.path', 'code.filepath'],
  line: ['code.line.number', 'code.lineno'],
  database: ['db.system.name', 'db.system'],
  answer: ['http.response.status_code', 'http.status_code'],
} as const;

/** Adds spans of one scope to their source; returns the number of those that tell no time and were left out. */
export function addSpans(source: Source, scope: string, spans: readonly Span[]): number {
  const component = source.service ?? scope;
  let rejected = 0;
  for (const span of spans) {
    const { startTimeUnixNano: startNs, endTimeUnixNano: endNs } = span;
    if (!startNs || !endNs || endNs < startNs) {
      rejected++;
      continue;
    }
    const durationNs = Number(endNs - startNs);
    const { id, totals } = source.operation(component, span.name || 'span', () => placeOf(span));
    const error = errorOf(span);
    const hit = attributeOf(span.attributes, 'cache.hit');
    totals.record(durationNs);
    if (error !== undefined) totals.fail(error);
    if (typeof hit === 'boolean') totals.look(hit);
    source.keep({ id, span, startNs, durationNs, error });
  }
  return rejected;
}

/** Kind and place of an operation, by what its first span tells. */
function placeOf({ attributes }: Span): Told {
  const file = pathOf(textOf(attributes, ...names.file));
  const line = wholeOf(attributes, ...names.line);
  const isFunction = file !== undefined || textOf(attributes, ...names.function) !== undefined;
  return {
    kind: isFunction ? 'function' : textOf(attributes, ...names.database) === undefined ? 'stage' : 'query',
    ...defined({ file }),
    ...(file !== undefined && line ? { line } : {}),
  };
}

function pathOf(told: string | undefined): string | undefined {
  if (told === undefined || told.length > longestText) return undefined;
  if (!told.startsWith('file:')) return told;
  try {
    return fileURLToPath(told);
  } catch {
    return undefined;
  }
}

/** Type of what went wrong, where the span says that something did. */
function errorOf({ status, events, attributes }: Span): string | undefined {
  if (status?.code !== failed) return undefined;
  const thrown = events.findLast(({ name }) => name === 'exception');
  const type = (thrown && textOf(thrown.attributes, 'exception.type')) ?? textOf(attributes, 'error.type');
  const told = type ?? wholeOf(attributes, ...names.answer) ?? (status.message || 'error');
  return short(String(told), longestError);
}
