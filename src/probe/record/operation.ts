import type { Attributes, Definition, OperationDelta, SpanEvent } from '../../protocol/batch/batch.ts';
import { bucketCount, bucketOf } from '../../protocol/batch/buckets.ts';

/** Maximum number of spans an operation keeps per batch; the slowest are kept. */
const maxSpans = 8;
/** Maximum number of distinct error types per operation; further types count as `other`. */
const maxErrorTypes = 32;

/** Details of a span: the error type if the call failed, and its attributes. */
type SpanDetails = { readonly error?: string; readonly attributes?: Attributes };

/**
 * Collects what one operation did since the last batch. Recording a call is the probe's hot path: a few additions and no
 * allocation.
 */
export class Operation {
  /** Number of calls in progress. */
  active = 0;
  /** Number of this operation's calls on the synchronous stack. Only the outermost one counts towards the total. */
  depth = 0;
  readonly definition: Definition;
  #isDefinitionSent = false;
  #count = 0;
  #errors = 0;
  #totalNs = 0;
  #selfNs = 0;
  #isSelfTimeKnown = true;
  #minNs = Number.POSITIVE_INFINITY;
  #maxNs = 0;
  #hits = 0;
  #misses = 0;
  #buckets: Uint32Array | undefined;
  #errorTypes: Map<string, number> | undefined;
  #spans: SpanEvent[] = [];
  /** Duration of the fastest kept span once `maxSpans` are kept: only longer spans replace one. */
  #minKeptSpanNs = 0;
  spansOmitted = 0;

  constructor(definition: Definition) {
    this.definition = definition;
  }

  /** Counts one call that took `durationNs` nanoseconds. */
  record(durationNs: number): void {
    this.#totalNs += durationNs;
    this.#addDuration(durationNs);
  }

  /** Counts one call on the synchronous stack; `selfNs` excludes the measured calls inside it. */
  recordNested(durationNs: number, selfNs: number): void {
    if (this.depth === 0) this.#totalNs += durationNs;
    this.#selfNs += selfNs;
    this.#addDuration(durationNs);
  }

  /** Stops reporting self time, because a call overlapped others and can no longer be nested in them. */
  markSelfTimeUnknown(): void {
    this.#isSelfTimeKnown = false;
  }

  /** Counts an error of this type. */
  fail(type: string): void {
    this.#errors++;
    this.#errorTypes ??= new Map();
    const hasRoom = this.#errorTypes.has(type) || this.#errorTypes.size < maxErrorTypes;
    const name = hasRoom ? type.slice(0, 120) : 'other';
    this.#errorTypes.set(name, (this.#errorTypes.get(name) ?? 0) + 1);
  }

  /** Counts cache lookups that returned a value. */
  hit(times = 1): void {
    this.#hits += times;
  }

  /** Counts cache lookups that returned no value. */
  miss(times = 1): void {
    this.#misses += times;
  }

  /** Keeps one timed call as a span if it is among the slowest of this batch; otherwise counts it as omitted. */
  addSpan(startNs: number, durationNs: number, details?: SpanDetails): void {
    if (this.#spans.length >= maxSpans && durationNs <= this.#minKeptSpanNs) {
      this.spansOmitted++;
      return;
    }
    this.#spans.push({ id: this.definition.id, startNs, durationNs, ...details });
    if (this.#spans.length > maxSpans) {
      const fastest = this.#spans.reduce((a, b) => (b.durationNs < a.durationNs ? b : a));
      this.#spans.splice(this.#spans.indexOf(fastest), 1);
      this.spansOmitted++;
    }
    if (this.#spans.length === maxSpans) this.#minKeptSpanNs = Math.min(...this.#spans.map((span) => span.durationNs));
  }

  /** Returns the definition on the first call, undefined afterwards. */
  drainDefinition(): Definition | undefined {
    if (this.#isDefinitionSent) return undefined;
    this.#isDefinitionSent = true;
    return this.definition;
  }

  /** Returns what was counted since the previous call and resets it, or undefined if nothing was counted. */
  drainDelta(): OperationDelta | undefined {
    if (this.#count === 0 && this.#errors === 0 && this.#hits === 0 && this.#misses === 0) return undefined;
    // Assigned step by step: this runs for every operation on every flush, and spreads would cost more than the rest.
    const delta: { -readonly [K in keyof OperationDelta]: OperationDelta[K] } = {
      id: this.definition.id,
      count: this.#count,
      errors: this.#errors,
      totalNs: this.#totalNs,
      hits: this.#hits,
      misses: this.#misses,
      active: this.active,
      buckets: this.#drainBuckets(),
    };
    if (this.#count > 0) {
      delta.minNs = this.#minNs;
      delta.maxNs = this.#maxNs;
      if (this.#isSelfTimeKnown) delta.selfNs = this.#selfNs;
    }
    if (this.#errorTypes) delta.errorTypes = Object.fromEntries(this.#errorTypes);
    this.#count = this.#errors = this.#totalNs = this.#selfNs = this.#maxNs = this.#hits = this.#misses = 0;
    this.#minNs = Number.POSITIVE_INFINITY;
    this.#errorTypes = undefined;
    return delta;
  }

  drainSpans(): readonly SpanEvent[] {
    const spans = this.#spans;
    if (spans.length === 0) return spans;
    this.#spans = [];
    this.#minKeptSpanNs = 0;
    return spans;
  }

  #addDuration(durationNs: number): void {
    this.#count++;
    if (durationNs < this.#minNs) this.#minNs = durationNs;
    if (durationNs > this.#maxNs) this.#maxNs = durationNs;
    this.#buckets ??= new Uint32Array(bucketCount);
    const bucket = bucketOf(durationNs);
    this.#buckets[bucket] = (this.#buckets[bucket] as number) + 1;
  }

  #drainBuckets(): number[] {
    const pairs: number[] = [];
    if (!this.#buckets || this.#count === 0) return pairs;
    const last = bucketOf(this.#maxNs);
    for (let bucket = bucketOf(this.#minNs); bucket <= last; bucket++) {
      const count = this.#buckets[bucket] as number;
      if (count === 0) continue;
      pairs.push(bucket, count);
      this.#buckets[bucket] = 0;
    }
    return pairs;
  }
}
