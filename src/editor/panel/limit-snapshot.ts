/** Limits the size of the snapshot that is posted to the panel's page four times a second. */
import type { Snapshot, SpanState } from '../../protocol/snapshot.ts';

/** Maximum number of characters in the attributes and errors of all spans together. */
const maxDetailLength = 200_000;
/** Maximum number of characters in one of them; a tooltip shows no more. */
const maxTextLength = 500;

/** Shortens long texts in spans, and removes their details once they are too many. The snapshot itself keeps all. */
export function limitSnapshot(snapshot: Snapshot): Snapshot {
  let rest = maxDetailLength;
  const spans = snapshot.spans.map((span) => {
    const { attributes, error } = span;
    if (attributes === undefined && error === undefined) return span;
    const shortened = shorten(span);
    rest -= lengthOf(shortened);
    return rest >= 0 ? shortened : withoutDetails(span);
  });
  return { ...snapshot, spans };
}

function shorten(span: SpanState): SpanState {
  const { attributes, error } = span;
  const entries = attributes && Object.entries(attributes).map(([key, value]) => [cut(key), cutValue(value)] as const);
  return {
    ...span,
    ...(entries ? { attributes: Object.fromEntries(entries) } : {}),
    ...(error === undefined ? {} : { error: cut(error) }),
  };
}

function withoutDetails({ attributes: _, error, ...span }: SpanState): SpanState {
  // That it failed stays visible.
  return error === undefined ? span : { ...span, error: '…' };
}

function lengthOf({ attributes = {}, error = '' }: SpanState): number {
  return Object.entries(attributes).reduce(
    (sum, [key, value]) => sum + key.length + String(value).length,
    error.length,
  );
}

function cutValue<Value>(value: Value): Value | string {
  return typeof value === 'string' ? cut(value) : value;
}

function cut(text: string): string {
  return text.length <= maxTextLength ? text : `${text.slice(0, maxTextLength)}…`;
}
