/** Keeps the slowest spans between two batches for the timeline. The others are only counted. */
import type { Attributes, SpanEvent } from '../../../protocol/batch/batch.ts';
import { defined } from '../../../protocol/defined.ts';
import type { OtlpSpan } from '../decode/otlp-schema.ts';
import { toPlainAttributes, truncate } from './attributes.ts';

const maxSpans = 256;
const maxIdLength = 64;

export interface TimedSpan {
  /** Id of its operation. */
  readonly id: number;
  readonly startNs: bigint;
  readonly durationNs: number;
  readonly error: string | undefined;
}

interface KeptSpan extends TimedSpan {
  readonly span: OtlpSpan;
}

export class SlowestSpans {
  #spans: KeptSpan[] = [];
  #omitted = 0;
  /** Duration of the fastest kept span once `maxSpans` slower ones are kept. */
  #minKeptNs = 0;

  /** Adds a span. It is kept whole until `drain`, which follows each request. */
  add(timed: TimedSpan, span: OtlpSpan): void {
    if (timed.durationNs < this.#minKeptNs) {
      this.#omitted++;
      return;
    }
    this.#spans.push({ ...timed, span });
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
    [this.#spans, this.#omitted, this.#minKeptNs] = [[], 0, 0];
    return drained;
  }

  #dropFastest(): void {
    if (this.#spans.length <= maxSpans) return;
    this.#spans.sort((a, b) => b.durationNs - a.durationNs);
    this.#omitted += this.#spans.length - maxSpans;
    this.#spans.length = maxSpans;
    this.#minKeptNs = this.#spans.at(-1)?.durationNs ?? 0;
  }
}

function toSpanEvent({ id, span, startNs, durationNs, error }: KeptSpan, zeroNs: bigint): SpanEvent {
  const attributes = attributesOf(span);
  return { id, startNs: Number(startNs - zeroNs), durationNs, ...defined({ error }), attributes };
}

/** Returns the attributes to show, with the ids of the span, so that users can find it in other tools. */
function attributesOf({ attributes, traceId, spanId, parentSpanId }: OtlpSpan): Attributes {
  const ids = { trace_id: traceId, span_id: spanId, parent_span_id: parentSpanId };
  const idAttributes = Object.entries(ids).flatMap(([name, value]) =>
    value ? [[name, truncate(value, maxIdLength)] as const] : [],
  );
  return { ...toPlainAttributes(attributes), ...Object.fromEntries(idAttributes) };
}
