/** A service instance as a source of batches: collects its spans and metrics until a batch is drained. */
import { createHash } from 'node:crypto';
import type {
  Batch,
  CounterDelta,
  Definition,
  DroppedRecords,
  GaugeEvent,
  Hello,
} from '../../../protocol/batch/batch.ts';
import { protocolVersion } from '../../../protocol/batch/limits.ts';
import type { OtlpSpan } from '../decode/otlp-schema.ts';
import { truncate } from './attributes.ts';
import { IntervalTotals } from './interval-totals.ts';
import { SlowestSpans, type TimedSpan } from './slowest-spans.ts';
import { SpanAssembler } from './span-assembler.ts';

/** Maximum number of operations, and of counters and gauges. Further ones are merged as `other` of their component. */
const maxNames = 2000;
const maxNameLength = 400;
/** Maximum number of notices of a source; further ones are not reported. */
const maxNotices = 50;
const maxNoticeLength = 1000;
const nsPerMs = 1_000_000n;

/** Properties of an operation besides its name. */
export type OperationDetails = Pick<Definition, 'kind' | 'file' | 'line'>;
/** Properties of the source for its hello. Its clock is derived from the spans. */
export type SourceIdentity = Pick<Hello, 'pid' | 'runtime' | 'name'>;

interface SourceOperation {
  readonly definition: Definition;
  totals: IntervalTotals | undefined;
  isDefined: boolean;
}

interface LimitedName {
  readonly key: string;
  readonly component: string;
  readonly name: string;
}

export class OtlpSource {
  /** Name of the service, if one was configured. */
  readonly service: string | undefined;
  /** ID of the span of the run, which programs take for the span around theirs. It is not among the received ones. */
  readonly runSpanId: string | undefined;
  readonly #name: string;
  readonly #identity: SourceIdentity;
  readonly #operations = new Map<string, SourceOperation>();
  readonly #changed = new Set<SourceOperation>();
  readonly #names = new Set<string>();
  readonly tree = new SpanAssembler();
  readonly #slowestSpans = new SlowestSpans();
  readonly #counters = new Map<string, CounterDelta>();
  readonly #gauges = new Map<string, GaugeEvent>();
  readonly #sentNotices = new Set<string>();
  #notices: string[] = [];
  #dropped = { calls: 0, values: 0 };
  #sequence = 0;
  #events = 0;
  #spentNs = 0;
  /** Zero of this source's clock in Unix nanoseconds, rounded to milliseconds. Moves back if an earlier span arrives. */
  #zeroNs: bigint | undefined;

  constructor(name: string, identity: SourceIdentity, service: string | undefined, runSpanId?: string) {
    this.#name = name;
    this.runSpanId = runSpanId;
    this.#identity = identity;
    this.service = service;
  }

  /** Returns the id and totals of an operation. Calls `getDetails` only for a new operation. */
  operation(
    component: string,
    name: string,
    getDetails: () => OperationDetails,
  ): { readonly id: number; readonly totals: IntervalTotals } {
    const operation = this.#findOrAddOperation(shortenName(component), shortenName(name), getDetails);
    operation.totals ??= new IntervalTotals();
    this.#changed.add(operation);
    return { id: operation.definition.id, totals: operation.totals };
  }

  addToCounter(component: string, name: string, delta: number): void {
    const limited = this.#limitName(component, name);
    const sum = (this.#counters.get(limited.key)?.delta ?? 0) + delta;
    this.#counters.set(limited.key, { component: limited.component, name: limited.name, delta: sum });
  }

  setGauge(component: string, name: string, value: number, unit: string): void {
    const limited = this.#limitName(component, name);
    this.#gauges.set(limited.key, { component: limited.component, name: limited.name, value, unit });
  }

  /** Adds a recorded span to the timeline, where only the slowest are kept. */
  addSpan(timed: TimedSpan, span: OtlpSpan): void {
    this.#events++;
    this.#slowestSpans.add(timed, span);
  }

  /** Counts data that cannot be used. Each reason, a sentence for the user, is reported once. */
  drop({ calls = 0, values = 0 }: DroppedRecords, reason: string): void {
    this.#dropped = { calls: this.#dropped.calls + calls, values: this.#dropped.values + values };
    this.notify(reason);
  }

  /** Reports a sentence to the user, once. */
  notify(notice: string): void {
    const text = truncate(
      `OpenTelemetry${this.service === undefined ? '' : ` (${this.service})`}: ${notice}`,
      maxNoticeLength,
    );
    if (this.#sentNotices.has(text) || this.#sentNotices.size >= maxNotices) return;
    this.#sentNotices.add(text);
    this.#notices.push(text);
  }

  /**
   * Returns what was collected since the last batch.
   * @param atMs wall-clock time
   * @param spentNs time spent on decoding and translating since the last batch
   */
  drainBatch(atMs: number, spentNs: number): Batch {
    this.#spentNs += spentNs;
    const earliestNs = this.#slowestSpans.earliestStart(this.#zeroNs ?? BigInt(Math.floor(atMs)) * nsPerMs);
    const zeroNs = earliestNs - (earliestNs % nsPerMs);
    const wallStartMs = Number(zeroNs / nsPerMs);
    const hello = { ...this.#identity, threadId: 0, wallStartMs, recordNs: 0 };
    const { spans, omitted } = this.#slowestSpans.drain(zeroNs);
    const changed = [...this.#changed];
    const definitions = changed.filter(({ isDefined }) => !isDefined).map(({ definition }) => definition);
    const batch: Batch = {
      v: protocolVersion,
      source: this.#name,
      sequence: this.#sequence++,
      atNs: Math.max(0, (atMs - wallStartMs) * 1e6),
      // Repeated if the zero of the clock has moved.
      ...(zeroNs === this.#zeroNs ? {} : { hello }),
      definitions,
      operations: changed.flatMap(({ definition, totals }) => (totals ? [totals.toDelta(definition.id)] : [])),
      counters: [...this.#counters.values()],
      gauges: [...this.#gauges.values()],
      spans,
      spansOmitted: omitted,
      ...this.tree.drain(),
      ...(this.#dropped.calls + this.#dropped.values > 0 ? { dropped: this.#dropped } : {}),
      ...(this.#notices.length > 0 ? { notices: this.#notices } : {}),
      cost: { events: this.#events, flushNs: this.#spentNs },
    };
    for (const operation of changed) Object.assign(operation, { totals: undefined, isDefined: true });
    this.#zeroNs = zeroNs;
    this.#changed.clear();
    this.#counters.clear();
    this.#gauges.clear();
    this.#notices = [];
    this.#dropped = { calls: 0, values: 0 };
    return batch;
  }

  #findOrAddOperation(component: string, name: string, getDetails: () => OperationDetails): SourceOperation {
    const key = `${component}\0${name}`;
    const existing = this.#operations.get(key);
    if (existing) return existing;
    if (this.#operations.size >= maxNames && name !== 'other') {
      return this.#findOrAddOperation(component, 'other', () => ({ kind: 'stage' }));
    }
    const definition = { id: this.#operations.size, component, name, ...getDetails() };
    const operation: SourceOperation = { definition, totals: undefined, isDefined: false };
    this.#operations.set(key, operation);
    return operation;
  }

  /** Truncates the name of a counter or gauge. Returns `other` if there are already too many names. */
  #limitName(component: string, name: string): LimitedName {
    const truncated = { component: shortenName(component), name: shortenName(name) };
    const key = `${truncated.component}\0${truncated.name}`;
    if (this.#names.size >= maxNames && !this.#names.has(key))
      return { ...truncated, key: truncated.component, name: 'other' };
    this.#names.add(key);
    return { ...truncated, key };
  }
}

/** Truncates a name. A hash of the whole name keeps names apart that start alike. */
function shortenName(name: string): string {
  if (name.length <= maxNameLength) return name;
  const hash = createHash('sha1').update(name).digest('hex').slice(0, 8);
  return `${truncate(name, maxNameLength - hash.length - 1)}…${hash}`;
}
