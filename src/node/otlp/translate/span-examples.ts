/** Spans kept as they are, for the timeline: the slowest between two batches; the rest is counted. */

import { defined } from '../../../protocol/defined.ts';
import type { SpanEvent } from '../../../protocol/event.ts';
import type { Span } from '../decode/otlp-schema.ts';
import { plainOf, short } from './attributes.ts';

const kept = 256;
const longestId = 64;

export interface Example {
  /** Of its operation. */
  readonly id: number;
  readonly span: Span;
  readonly startNs: bigint;
  readonly durationNs: number;
  readonly error: string | undefined;
}

export class Examples {
  #examples: Example[] = [];
  #omitted = 0;

  keep(example: Example): void {
    this.#examples.push(example);
    if (this.#examples.length >= 4 * kept) this.#dropFast();
  }

  /** The earliest start among those kept and `otherwise`. */
  earliest(otherwise: bigint): bigint {
    this.#dropFast();
    return this.#examples.reduce((earliest, { startNs }) => (startNs < earliest ? startNs : earliest), otherwise);
  }

  /** Those kept, on a clock with this zero, and the number left out; starts again with none. */
  take(zeroNs: bigint): { readonly spans: readonly SpanEvent[]; readonly omitted: number } {
    this.#dropFast();
    const taken = { spans: this.#examples.map((example) => eventOf(example, zeroNs)), omitted: this.#omitted };
    [this.#examples, this.#omitted] = [[], 0];
    return taken;
  }

  #dropFast(): void {
    if (this.#examples.length <= kept) return;
    this.#examples.sort((a, b) => b.durationNs - a.durationNs);
    this.#omitted += this.#examples.length - kept;
    this.#examples.length = kept;
  }
}

/** The ids are kept among the attributes: by them a span is found again in other tools. */
function eventOf({ id, span, startNs, durationNs, error }: Example, zeroNs: bigint): SpanEvent {
  const ids = { trace_id: span.traceId, span_id: span.spanId, parent_span_id: span.parentSpanId };
  const told = Object.entries(ids).flatMap(([name, value]) => (value ? [[name, short(value, longestId)]] : []));
  return {
    id,
    startNs: Number(startNs - zeroNs),
    durationNs,
    ...defined({ error }),
    attributes: { ...plainOf(span.attributes), ...(Object.fromEntries(told) as Record<string, string>) },
  };
}
