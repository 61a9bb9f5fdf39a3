/** One instance of a service, as a source of batches: gathers what its spans and metrics say until a batch is taken. */
import {
  type Batch,
  type CounterDelta,
  type Definition,
  type GaugeEvent,
  type Hello,
  protocolVersion,
} from '../../../protocol/event.ts';
import { short } from './attributes.ts';
import { Totals } from './running-totals.ts';
import { type Example, Examples } from './span-examples.ts';

/** Operations, and counters and gauges, known by name; later ones count together as `other` of their component. */
const namesKept = 2000;
const longestName = 400;
const nsPerMs = 1_000_000n;

/** What is known of an operation beyond its name. */
export type Told = Pick<Definition, 'kind' | 'file' | 'line'>;
/** Who it is; the clock of its batches is told by the spans themselves. */
export type Identity = Pick<Hello, 'pid' | 'runtime' | 'name'>;

interface Operation {
  readonly definition: Definition;
  totals: Totals | undefined;
  defined: boolean;
}

export class Source {
  /** Name of the service, where it was given one. */
  readonly service: string | undefined;
  readonly #name: string;
  readonly #identity: Identity;
  readonly #operations = new Map<string, Operation>();
  readonly #changed = new Set<Operation>();
  readonly #names = new Set<string>();
  readonly #examples = new Examples();
  readonly #counters = new Map<string, CounterDelta>();
  readonly #gauges = new Map<string, GaugeEvent>();
  #sequence = 0;
  #events = 0;
  #spentNs = 0;
  /** Zero of this source's clock, nanoseconds since 1970 in whole milliseconds: moves back when an earlier span comes. */
  #zeroNs: bigint | undefined;

  constructor(name: string, identity: Identity, service: string | undefined) {
    this.#name = name;
    this.#identity = identity;
    this.service = service;
  }

  /** Id and totals of an operation; `tell` is asked at its first use. */
  operation(component: string, name: string, tell: () => Told): { readonly id: number; readonly totals: Totals } {
    const operation = this.#operation(short(component, longestName), short(name, longestName), tell);
    operation.totals ??= new Totals();
    this.#changed.add(operation);
    return { id: operation.definition.id, totals: operation.totals };
  }

  count(component: string, name: string, delta: number): void {
    const known = this.#known(component, name);
    const sum = (this.#counters.get(known.key)?.delta ?? 0) + delta;
    this.#counters.set(known.key, { component: known.component, name: known.name, delta: sum });
  }

  gauge(component: string, name: string, value: number, unit: string): void {
    const known = this.#known(component, name);
    this.#gauges.set(known.key, { component: known.component, name: known.name, value, unit });
  }

  /** A span that was counted: kept while it is among the slowest. */
  keep(example: Example): void {
    this.#events++;
    this.#examples.keep(example);
  }

  /** What came since the last batch. `atMs` is the wall clock, `spentNs` what reading it has cost. */
  takeBatch(atMs: number, spentNs: number): Batch {
    this.#spentNs += spentNs;
    const earliestNs = this.#examples.earliest(this.#zeroNs ?? BigInt(Math.floor(atMs)) * nsPerMs);
    const zeroNs = earliestNs - (earliestNs % nsPerMs);
    const wallStartMs = Number(zeroNs / nsPerMs);
    const hello = { ...this.#identity, threadId: 0, wallStartMs, recordNs: 0 };
    const { spans, omitted } = this.#examples.take(zeroNs);
    const changed = [...this.#changed];
    const definitions = changed.filter(({ defined }) => !defined).map(({ definition }) => definition);
    const batch: Batch = {
      v: protocolVersion,
      source: this.#name,
      sequence: this.#sequence++,
      atNs: Math.max(0, (atMs - wallStartMs) * 1e6),
      // Said again when the zero of the clock has moved.
      ...(zeroNs === this.#zeroNs ? {} : { hello }),
      definitions,
      operations: changed.flatMap(({ definition, totals }) => (totals ? [totals.delta(definition.id)] : [])),
      counters: [...this.#counters.values()],
      gauges: [...this.#gauges.values()],
      spans,
      spansOmitted: omitted,
      cost: { events: this.#events, flushNs: this.#spentNs },
    };
    for (const operation of changed) Object.assign(operation, { totals: undefined, defined: true });
    this.#zeroNs = zeroNs;
    this.#changed.clear();
    this.#counters.clear();
    this.#gauges.clear();
    return batch;
  }

  #operation(component: string, name: string, tell: () => Told): Operation {
    const key = `${component}\0${name}`;
    const known = this.#operations.get(key);
    if (known) return known;
    if (this.#operations.size >= namesKept && name !== 'other') {
      return this.#operation(component, 'other', () => ({ kind: 'stage' }));
    }
    const definition = { id: this.#operations.size, component, name, ...tell() };
    const operation: Operation = { definition, totals: undefined, defined: false };
    this.#operations.set(key, operation);
    return operation;
  }

  #known(component: string, name: string): { readonly key: string; readonly component: string; readonly name: string } {
    const known = { component: short(component, longestName), name: short(name, longestName) };
    const key = `${known.component}\0${known.name}`;
    if (this.#names.size >= namesKept && !this.#names.has(key))
      return { ...known, key: known.component, name: 'other' };
    this.#names.add(key);
    return { ...known, key };
  }
}
