import type { SpanEvent } from '../../protocol/batch/batch.ts';

/** Maximum length of the attributes of all spans that wait for the next batch. */
const maxLength = 1024 * 1024;

/** Limits the memory that the attributes of waiting spans take. */
export class SpanBudget {
  #lengths = new Map<SpanEvent, number>();
  #length = 0;

  /** Reserves room for the attributes of a span. Returns false if there is none. */
  reserve(span: SpanEvent, length: number): boolean {
    if (this.#length + length > maxLength) return false;
    this.#lengths.set(span, length);
    this.#length += length;
    return true;
  }

  /** Frees the room of a span that is not kept. */
  release(span: SpanEvent): void {
    this.#length -= this.#lengths.get(span) ?? 0;
    this.#lengths.delete(span);
  }

  /** Frees the room of all spans, once they have been sent. */
  clear(): void {
    if (this.#length === 0) return;
    this.#lengths.clear();
    this.#length = 0;
  }
}
