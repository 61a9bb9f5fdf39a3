/** Keeps the slowest spans between two batches for the timeline. The others are only counted. */
import type { SpanEvent } from '../../../protocol/batch/batch.ts';
import { defined } from '../../../protocol/defined.ts';
import type { OtlpSpan } from '../decode/otlp-schema.ts';
import { toPlainAttributes, truncate } from './attributes.ts';

const maxSpans = 256;
const maxIdLength = 64;

export interface TimedSpan {
  /** Id of its operation. */
  readonly id: number;
  readonly span: OtlpSpan;
  readonly startNs: bigint;
  readonly durationNs: number;
  readonly error: string | undefined;
}

export class SlowestSpans {
  #spans: TimedSpan[] = [];
  #omitted = 0;

  add(span: TimedSpan): void {
    this.#spans.push(span);
    if (this.#spans.length >= 4 * maxSpans) this.#dropFastest();
  }

  /** Returns the earliest start of the kept spans, or `latestNs` if none is earlier. */
  earliestStart(latestNs: bigint): bigint {
    this.#dropFastest();
    return this.#spans.reduce((earliest, { startNs }) => (startNs < earliest ? startNs : earliest), latestNs);
  }

  /** Removes and returns the kept spans, relative to `zeroNs`, and the number of omitted ones. */
  drain(zeroNs: bigint): { readonly spans: readonly SpanEvent[]; readonly omitted: number } {
    this.#dropFastest();
    const drained = { spans: this.#spans.map((span) => toSpanEvent(span, zeroNs)), omitted: this.#omitted };
    [this.#spans, this.#omitted] = [[], 0];
    return drained;
  }

  #dropFastest(): void {
    if (this.#spans.length <= maxSpans) return;
    this.#spans.sort((a, b) => b.durationNs - a.durationNs);
    this.#omitted += this.#spans.length - maxSpans;
    this.#spans.length = maxSpans;
  }
}

/** Adds the ids to the attributes, so that users can find the span in other tools. */
function toSpanEvent({ id, span, startNs, durationNs, error }: TimedSpan, zeroNs: bigint): SpanEvent {
  const ids = { trace_id: span.traceId, span_id: span.spanId, parent_span_id: span.parentSpanId };
  const idAttributes = Object.entries(ids).flatMap(([name, value]) =>
    value ? [[name, truncate(value, maxIdLength)]] : [],
  );
  return {
    id,
    startNs: Number(startNs - zeroNs),
    durationNs,
    ...defined({ error }),
    attributes: {
      ...toPlainAttributes(span.attributes),
      ...(Object.fromEntries(idAttributes) as Record<string, string>),
    },
  };
}
