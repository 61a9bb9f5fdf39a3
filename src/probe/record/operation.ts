/** The numbers of one operation between two batches: the hot path of the guest, a few additions and no allocation. */
import type { Attributes, Definition, OperationDelta, SpanEvent } from '../../protocol/event.ts';
import { bucketCount, bucketOf } from './buckets.ts';

/** Raw spans that one operation keeps for one batch: the slowest. */
const spansKept = 8;
/** Distinct error types of one operation; later ones count as `other`. */
const errorTypesKept = 32;

export type Outcome = { readonly error?: string; readonly attributes?: Attributes };

export class Operation {
  /** Calls under way. */
  active = 0;
  /** Calls of this operation on the synchronous stack: only the outermost one counts towards the total. */
  depth = 0;
  readonly definition: Definition;
  #defined = false;
  #count = 0;
  #errors = 0;
  #totalNs = 0;
  #selfNs = 0;
  #selfKnown = true;
  #minNs = Number.POSITIVE_INFINITY;
  #maxNs = 0;
  #hits = 0;
  #misses = 0;
  #buckets: Uint32Array | undefined;
  #errorTypes: Map<string, number> | undefined;
  #spans: SpanEvent[] = [];
  /** A span below this cannot be among the slowest kept. */
  #spanFloorNs = 0;
  spansOmitted = 0;

  constructor(definition: Definition) {
    this.definition = definition;
  }

  /** One call of known duration. */
  record(durationNs: number): void {
    this.#totalNs += durationNs;
    this.#observe(durationNs);
  }

  /** One call timed on the synchronous stack. */
  recordNested(durationNs: number, selfNs: number): void {
    if (this.depth === 0) this.#totalNs += durationNs;
    this.#selfNs += selfNs;
    this.#observe(durationNs);
  }

  /** From here on self time is not told: a call overlapped others. */
  forgetSelf(): void {
    this.#selfKnown = false;
  }

  fail(type: string): void {
    this.#errors++;
    this.#errorTypes ??= new Map();
    const known = this.#errorTypes.has(type) || this.#errorTypes.size < errorTypesKept;
    const name = known ? type.slice(0, 120) : 'other';
    this.#errorTypes.set(name, (this.#errorTypes.get(name) ?? 0) + 1);
  }

  hit(times = 1): void {
    this.#hits += times;
  }

  miss(times = 1): void {
    this.#misses += times;
  }

  keepSpan(startNs: number, durationNs: number, outcome?: Outcome): void {
    if (this.#spans.length >= spansKept && durationNs <= this.#spanFloorNs) {
      this.spansOmitted++;
      return;
    }
    this.#spans.push({ id: this.definition.id, startNs, durationNs, ...outcome });
    if (this.#spans.length > spansKept) {
      const fastest = this.#spans.reduce((a, b) => (b.durationNs < a.durationNs ? b : a));
      this.#spans.splice(this.#spans.indexOf(fastest), 1);
      this.spansOmitted++;
    }
    if (this.#spans.length === spansKept) this.#spanFloorNs = Math.min(...this.#spans.map((span) => span.durationNs));
  }

  /** The definition, the first time. */
  introduce(): Definition | undefined {
    if (this.#defined) return undefined;
    this.#defined = true;
    return this.definition;
  }

  /** What was counted since the last call, or nothing; starts again at zero. */
  takeDelta(): OperationDelta | undefined {
    if (this.#count === 0 && this.#errors === 0 && this.#hits === 0 && this.#misses === 0) return undefined;
    // Filled in step by step: this runs for each operation on each beat, and spreads cost more than all the rest.
    const delta: { -readonly [K in keyof OperationDelta]: OperationDelta[K] } = {
      id: this.definition.id,
      count: this.#count,
      errors: this.#errors,
      totalNs: this.#totalNs,
      hits: this.#hits,
      misses: this.#misses,
      active: this.active,
      buckets: this.#takeBuckets(),
    };
    if (this.#count > 0) {
      delta.minNs = this.#minNs;
      delta.maxNs = this.#maxNs;
      if (this.#selfKnown) delta.selfNs = this.#selfNs;
    }
    if (this.#errorTypes) delta.errorTypes = Object.fromEntries(this.#errorTypes);
    this.#count = this.#errors = this.#totalNs = this.#selfNs = this.#maxNs = this.#hits = this.#misses = 0;
    this.#minNs = Number.POSITIVE_INFINITY;
    this.#errorTypes = undefined;
    return delta;
  }

  takeSpans(): readonly SpanEvent[] {
    const spans = this.#spans;
    if (spans.length === 0) return spans;
    this.#spans = [];
    this.#spanFloorNs = 0;
    return spans;
  }

  #observe(durationNs: number): void {
    this.#count++;
    if (durationNs < this.#minNs) this.#minNs = durationNs;
    if (durationNs > this.#maxNs) this.#maxNs = durationNs;
    this.#buckets ??= new Uint32Array(bucketCount);
    const bucket = bucketOf(durationNs);
    this.#buckets[bucket] = (this.#buckets[bucket] as number) + 1;
  }

  #takeBuckets(): number[] {
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
