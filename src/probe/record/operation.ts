import type { Definition, OperationDelta, SpanEvent } from '../../protocol/batch/batch.ts';
import { bucketCount, bucketOf } from '../../protocol/batch/buckets.ts';
import { cleanAttributes } from './clean-map.ts';
import { cleanText } from './clean-text.ts';
import { nowNs } from './clock.ts';
import { DroppedCounter } from './dropped-counter.ts';
import type { SpanBudget } from './span-budget.ts';

/** Maximum number of spans an operation keeps per batch; the slowest are kept. */
const maxSpans = 8;
/** Maximum number of distinct error types per operation; further types count as `other`. */
const maxErrorTypes = 32;
const maxErrorTypeLength = 120;
/** Maximum duration of one call, more than a hundred days. Sums of such durations stay finite. */
const maxDurationNs = Number.MAX_SAFE_INTEGER;

/** Details of a span, as the program passed them: the error type if the call failed, and its attributes. */
interface SpanDetails {
  readonly error?: string;
  readonly attributes?: unknown;
}

/**
 * Collects what one operation did since the last batch. Recording a call is the probe's hot path: a few additions and no
 * allocation.
 */
export class Operation {
  /** Number of calls in progress. */
  active = 0;
  /** Number of calls in a row that returned no promise. */
  syncCalls = 0;
  /** Time since which at least one call is in progress. */
  #busySinceNs = 0;
  readonly definition: Definition;
  #isDefinitionSent = false;
  #count = 0;
  #errors = 0;
  /** Sum of the durations of calls that were timed elsewhere: it is unknown whether they overlapped. */
  #recordedNs = 0;
  /** Sum of the durations of the other calls. */
  #timedNs = 0;
  /** Time in which at least one of these was in progress. */
  #busyNs = 0;
  #selfNs = 0;
  /** Number of calls whose self time is known. */
  #nestedCount = 0;
  #minNs = Number.POSITIVE_INFINITY;
  #maxNs = 0;
  #hits = 0;
  #misses = 0;
  #buckets: Uint32Array | undefined;
  #errorTypes: Map<string, number> | undefined;
  #spans: SpanEvent[] = [];
  readonly #dropped: DroppedCounter;
  readonly #spanBudget: SpanBudget | undefined;
  /** Duration of the fastest kept span once `maxSpans` are kept: only longer spans replace one. */
  #minKeptSpanNs = 0;
  spansOmitted = 0;

  /** @param spanBudget limits the memory of all spans; without it, spans are kept without attributes */
  constructor(definition: Definition, dropped = new DroppedCounter(), spanBudget?: SpanBudget) {
    this.definition = definition;
    this.#dropped = dropped;
    this.#spanBudget = spanBudget;
  }

  /**
   * Counts one call that took `durationNs` nanoseconds. Any other value is counted as dropped. The self time is unknown,
   * because it is not known which measured calls were inside.
   */
  record(durationNs: number): void {
    if (!(typeof durationNs === 'number' && durationNs >= 0 && durationNs <= maxDurationNs)) {
      this.#dropped.values++;
      return;
    }
    this.#recordedNs += durationNs;
    this.#addDuration(durationNs);
  }

  /** Begins a call, which `end` ends. Recursive and overlapping calls count once toward the total. */
  begin(startNs: number): void {
    if (this.active++ === 0) this.#busySinceNs = startNs;
  }

  /**
   * Ends a call and counts it.
   * @param selfNs its duration without the measured calls inside of it; undefined if these are not known
   */
  end(endNs: number, durationNs: number, selfNs?: number): void {
    if (--this.active === 0) this.#busyNs += endNs - this.#busySinceNs;
    this.#timedNs += durationNs;
    if (selfNs !== undefined) {
      this.#selfNs += selfNs;
      this.#nestedCount++;
    }
    this.#addDuration(durationNs);
  }

  /** Counts an error of this type. */
  fail(type: string): void {
    const text = cleanText(type, maxErrorTypeLength) ?? typeof type;
    this.#errors++;
    this.#errorTypes ??= new Map();
    const hasRoom = this.#errorTypes.has(text) || this.#errorTypes.size < maxErrorTypes;
    const name = hasRoom ? text : 'other';
    this.#errorTypes.set(name, (this.#errorTypes.get(name) ?? 0) + 1);
  }

  /** Counts cache lookups that returned a value. A number that is not whole is counted as dropped. */
  hit(times = 1): void {
    if (isLookupCount(times, this.#hits)) this.#hits += times;
    else this.#dropped.values++;
  }

  /** Counts cache lookups that returned no value. A number that is not whole is counted as dropped. */
  miss(times = 1): void {
    if (isLookupCount(times, this.#misses)) this.#misses += times;
    else this.#dropped.values++;
  }

  /** Keeps one timed call as a span if it is among the slowest of this batch; otherwise counts it as omitted. */
  addSpan(startNs: number, durationNs: number, details?: SpanDetails): void {
    if (this.#spans.length >= maxSpans && durationNs <= this.#minKeptSpanNs) {
      this.spansOmitted++;
      return;
    }
    this.#spans.push(this.#createSpan(startNs, durationNs, details));
    if (this.#spans.length > maxSpans) {
      const fastest = this.#spans.reduce((a, b) => (b.durationNs < a.durationNs ? b : a));
      this.#spans.splice(this.#spans.indexOf(fastest), 1);
      this.#spanBudget?.release(fastest);
      this.spansOmitted++;
    }
    if (this.#spans.length === maxSpans) this.#minKeptSpanNs = Math.min(...this.#spans.map((span) => span.durationNs));
  }

  /** Copies the attributes only of spans that are kept, because most calls are not. */
  #createSpan(startNs: number, durationNs: number, { error, attributes }: SpanDetails = {}): SpanEvent {
    const span = { id: this.definition.id, startNs, durationNs, ...(error === undefined ? {} : { error }) };
    const clean = this.#spanBudget && cleanAttributes(attributes, this.#dropped);
    if (!clean) return span;
    const spanWithAttributes = { ...span, attributes: clean.entries };
    if (this.#spanBudget?.reserve(spanWithAttributes, clean.length)) return spanWithAttributes;
    this.#dropped.values += Object.keys(clean.entries).length;
    return span;
  }

  /** Makes the definition due again, for a host that may not have it. */
  redefine(): void {
    this.#isDefinitionSent = false;
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
    const [totalNs, durationsNs] = [this.#recordedNs + this.#drainBusyNs(), this.#recordedNs + this.#timedNs];
    // Assigned step by step: this runs for every operation on every flush, and spreads would cost more than the rest.
    const delta: { -readonly [K in keyof OperationDelta]: OperationDelta[K] } = {
      id: this.definition.id,
      count: this.#count,
      errors: this.#errors,
      totalNs,
      hits: this.#hits,
      misses: this.#misses,
      active: this.active,
      buckets: this.#drainBuckets(),
    };
    if (durationsNs !== totalNs) delta.durationsNs = durationsNs;
    if (this.#count > 0) {
      delta.minNs = this.#minNs;
      delta.maxNs = this.#maxNs;
      if (this.#nestedCount === this.#count) delta.selfNs = this.#selfNs;
    }
    if (this.#errorTypes) delta.errorTypes = Object.fromEntries(this.#errorTypes);
    this.#count = this.#errors = this.#maxNs = this.#hits = this.#misses = 0;
    this.#recordedNs = this.#timedNs = this.#selfNs = this.#nestedCount = 0;
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

  /** Returns the time with a call in progress until now, so that a call that never ends does not hide the others. */
  #drainBusyNs(): number {
    let busyNs = this.#busyNs;
    this.#busyNs = 0;
    if (this.active > 0 && this.#timedNs > 0) {
      const untilNs = nowNs();
      busyNs += untilNs - this.#busySinceNs;
      this.#busySinceNs = untilNs;
    }
    return busyNs;
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

/** Returns true if the times can be added to a whole number, so that the sum is one too. */
function isLookupCount(times: unknown, sum: number): times is number {
  return Number.isSafeInteger(times) && (times as number) >= 0 && Number.isSafeInteger(sum + (times as number));
}
