/**
 * The guest's recorder: gathers what operations count and sends what changed on a beat.
 *
 * It breaks nothing: it never throws into the program, never waits, keeps bounded memory, and keeps no process alive.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { threadId } from 'node:worker_threads';
import {
  type Attributes,
  type Batch,
  type Bye,
  type CounterDelta,
  type Definition,
  type GaugeEvent,
  type Hello,
  type ItemEvent,
  type OperationDelta,
  type OperationKind,
  protocolVersion,
  type ResourceSample,
  type SpanEvent,
} from '../protocol/event.ts';
import { Operation } from './operation.ts';
import type { Transport } from './transport.ts';

export const beatMs = 250;
/** Operations known by name; later ones are counted together as `other` of their component. */
const operationsKept = 2000;
/** Items kept for one batch: the slowest. */
const itemsKept = 1000;
const namesKept = 1000;
/** Beats between two looks at the process's own resources. */
const resourceBeats = 2;

export interface OperationOptions {
  readonly component?: string;
  readonly kind?: OperationKind;
  readonly file?: string;
  readonly line?: number;
}

/** Nanoseconds since this thread's clock started. */
export function nowNs(): number {
  return performance.now() * 1e6;
}

export class Probe {
  readonly #name: string;
  readonly #operations = new Map<string, Operation>();
  readonly #counters = new Map<string, { component: string; name: string; delta: number }>();
  readonly #gauges = new Map<string, GaugeEvent>();
  #items = new Map<string, ItemEvent>();
  #itemsOmitted = 0;
  #transport: Transport | undefined;
  #timer: NodeJS.Timeout | undefined;
  #loopDelay: ReturnType<typeof monitorEventLoopDelay> | undefined;
  #sequence = 0;
  #beats = 0;
  #resources: ResourceSample | undefined;
  #events = 0;
  #flushNs = 0;
  #recordNs = 0;
  /** Time of measured calls inside the synchronous call under way. */
  #childNs = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Sends from now on, each beat and when closed. A second call replaces the transport. */
  connect(transport: Transport): void {
    this.#transport?.close();
    this.#transport = transport;
    if (this.#timer) return;
    this.#recordNs = calibrate();
    this.#loopDelay = monitorEventLoopDelay({ resolution: 20 });
    this.#loopDelay.enable();
    this.#timer = setInterval(() => this.#beat(), beatMs);
    this.#timer.unref();
  }

  get connected(): boolean {
    return this.#transport !== undefined;
  }

  /** The operation of this name, made at its first use. */
  operation(name: string, options: OperationOptions = {}): Operation {
    const component = options.component ?? 'main';
    const key = `${component}\0${name}`;
    const known = this.#operations.get(key);
    if (known) return known;
    if (this.#operations.size >= operationsKept && name !== 'other') return this.operation('other', { component });
    const definition: Definition = {
      id: this.#operations.size,
      component: component.slice(0, 200),
      name: name.slice(0, 400),
      kind: options.kind ?? 'function',
      ...(options.file ? { file: options.file } : {}),
      ...(options.line ? { line: options.line } : {}),
    };
    const operation = new Operation(definition);
    this.#operations.set(key, operation);
    return operation;
  }

  /** Runs `work` as one call of the operation; its result, promise or error passes through. */
  time<T>(operation: Operation, work: () => T, attributes?: Attributes): T {
    const startNs = nowNs();
    const outerChildNs = this.#childNs;
    this.#childNs = 0;
    operation.active++;
    operation.depth++;
    let result: T;
    try {
      result = work();
    } catch (error) {
      this.#endSync(operation, startNs, outerChildNs, attributes, error);
      throw error;
    }
    if (!isPromise(result)) {
      this.#endSync(operation, startNs, outerChildNs, attributes);
      return result;
    }
    operation.depth--;
    this.#childNs = outerChildNs;
    operation.forgetSelf();
    return result.then(
      (value) => {
        this.#endAsync(operation, startNs, attributes);
        return value;
      },
      (error: unknown) => {
        this.#endAsync(operation, startNs, attributes, error);
        throw error;
      },
    ) as T;
  }

  /** One call that was timed elsewhere. */
  record(operation: Operation, durationNs: number, error?: string): void {
    if (!(durationNs >= 0)) return;
    operation.record(durationNs);
    operation.forgetSelf();
    if (error !== undefined) operation.fail(error);
  }

  count(component: string, name: string, times = 1): void {
    const key = `${component}\0${name}`;
    const counter = this.#counters.get(key);
    if (counter) counter.delta += times;
    else if (this.#counters.size < namesKept) this.#counters.set(key, { component, name, delta: times });
  }

  gauge(component: string, name: string, value: number, unit = '1'): void {
    if (!Number.isFinite(value)) return;
    const key = `${component}\0${name}`;
    if (this.#gauges.has(key) || this.#gauges.size < namesKept) {
      this.#gauges.set(key, { component, name, value, unit });
    }
  }

  /** What is known of one thing worked on; parts and counts of the same name replace each other until sent. */
  item(item: ItemEvent): void {
    const known = this.#items.get(item.name);
    if (!known && this.#items.size >= 2 * itemsKept) this.#dropFastItems();
    this.#items.set(
      item.name,
      known
        ? { ...known, ...item, parts: { ...known.parts, ...item.parts }, counts: { ...known.counts, ...item.counts } }
        : item,
    );
  }

  #beat(): void {
    if (this.#beats++ % resourceBeats === 0) this.#resources = this.#sample();
    this.flush();
  }

  /** Sends what changed. Does nothing while the transport is full: it stays counted and goes with a later batch. */
  flush(bye?: Bye): void {
    const transport = this.#transport;
    if (!transport) return;
    const pressure = transport.pressure();
    if (pressure === 'full' && !bye) return;
    const startNs = nowNs();
    if (!transport.send(this.#takeBatch(pressure === 'none', bye))) this.#disconnect();
    this.#flushNs += nowNs() - startNs;
  }

  /** Sends the rest and waits until it has left. */
  async close(bye: Bye = { reason: 'end' }): Promise<void> {
    const transport = this.#transport;
    if (!transport) return;
    this.flush(bye);
    this.#disconnect();
    await transport.drained();
    transport.close();
  }

  #disconnect(): void {
    clearInterval(this.#timer);
    this.#loopDelay?.disable();
    this.#timer = undefined;
    this.#transport = undefined;
  }

  #endSync(
    operation: Operation,
    startNs: number,
    outerChildNs: number,
    attributes?: Attributes,
    ...thrown: unknown[]
  ): void {
    const durationNs = nowNs() - startNs;
    operation.depth--;
    operation.active--;
    operation.recordNested(durationNs, Math.max(0, durationNs - this.#childNs));
    this.#childNs = outerChildNs + durationNs;
    this.#finish(operation, startNs, durationNs, attributes, thrown);
  }

  #endAsync(operation: Operation, startNs: number, attributes?: Attributes, ...thrown: unknown[]): void {
    const durationNs = nowNs() - startNs;
    operation.active--;
    operation.record(durationNs);
    this.#finish(operation, startNs, durationNs, attributes, thrown);
  }

  #finish(
    operation: Operation,
    startNs: number,
    durationNs: number,
    attributes: Attributes | undefined,
    thrown: unknown[],
  ): void {
    if (thrown.length === 0) {
      operation.keepSpan(startNs, durationNs, attributes && { attributes });
      return;
    }
    const type = errorType(thrown[0]);
    operation.fail(type);
    operation.keepSpan(startNs, durationNs, { error: type, ...(attributes ? { attributes } : {}) });
  }

  #takeBatch(withExamples: boolean, bye?: Bye): Batch {
    const definitions: Definition[] = [];
    const operations: OperationDelta[] = [];
    const spans: SpanEvent[] = [];
    let spansOmitted = 0;
    for (const operation of this.#operations.values()) {
      const delta = operation.takeDelta();
      const kept = operation.takeSpans();
      spansOmitted += operation.spansOmitted + (withExamples ? 0 : kept.length);
      operation.spansOmitted = 0;
      if (withExamples) spans.push(...kept);
      if (!delta) continue;
      const definition = operation.introduce();
      if (definition) definitions.push(definition);
      operations.push(delta);
      this.#events += delta.count + delta.hits + delta.misses;
    }
    const hello = this.#sequence === 0 ? this.#hello() : undefined;
    const resources = bye ? this.#sample() : this.#resources;
    this.#resources = undefined;
    const items = this.#takeItems(withExamples || bye !== undefined);
    return {
      v: protocolVersion,
      source: `${process.pid}.${threadId}`,
      sequence: this.#sequence++,
      atNs: nowNs(),
      ...(hello ? { hello } : {}),
      ...(definitions.length ? { definitions } : {}),
      ...(operations.length ? { operations } : {}),
      ...(this.#counters.size ? { counters: this.#takeCounters() } : {}),
      ...(this.#gauges.size ? { gauges: this.#takeGauges() } : {}),
      ...(items.length ? { items } : {}),
      ...(this.#itemsOmitted ? { itemsOmitted: this.#takeItemsOmitted() } : {}),
      ...(spans.length ? { spans } : {}),
      ...(spansOmitted ? { spansOmitted } : {}),
      ...(resources ? { resources } : {}),
      cost: { events: this.#events, flushNs: this.#flushNs },
      ...(bye ? { bye } : {}),
    };
  }

  #hello(): Hello {
    return {
      pid: process.pid,
      threadId,
      runtime: `node ${process.versions.node}`,
      name: this.#name,
      wallStartMs: performance.timeOrigin,
      recordNs: this.#recordNs,
    };
  }

  #sample(): ResourceSample {
    const use = process.resourceUsage();
    const memory = process.memoryUsage();
    const delayNs = this.#loopDelay?.percentile(99) ?? 0;
    this.#loopDelay?.reset();
    return {
      rssBytes: memory.rss,
      heapBytes: memory.heapUsed,
      peakRssBytes: use.maxRSS * 1024,
      cpuNs: (use.userCPUTime + use.systemCPUTime) * 1000,
      eventLoopDelayP99Ns: Number.isFinite(delayNs) ? delayNs : 0,
    };
  }

  #takeCounters(): CounterDelta[] {
    const counters = [...this.#counters.values()];
    this.#counters.clear();
    return counters;
  }

  #takeGauges(): GaugeEvent[] {
    const gauges = [...this.#gauges.values()];
    this.#gauges.clear();
    return gauges;
  }

  #takeItems(wanted: boolean): readonly ItemEvent[] {
    if (!wanted || this.#items.size === 0) return [];
    this.#dropFastItems();
    const items = [...this.#items.values()];
    this.#items = new Map();
    return items;
  }

  #takeItemsOmitted(): number {
    const omitted = this.#itemsOmitted;
    this.#itemsOmitted = 0;
    return omitted;
  }

  #dropFastItems(): void {
    if (this.#items.size <= itemsKept) return;
    const slowest = [...this.#items.values()].sort((a, b) => totalOf(b) - totalOf(a)).slice(0, itemsKept);
    this.#itemsOmitted += this.#items.size - slowest.length;
    this.#items = new Map(slowest.map((item) => [item.name, item]));
  }
}

function totalOf(item: ItemEvent): number {
  return Object.values(item.parts).reduce((sum, part) => sum + part, 0);
}

function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise;
}

/** Name of what was thrown: an error's code or class. */
function errorType(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : error.name;
}

/** What one timed call costs here: the fastest of eight rounds, so that what else the machine does is not counted. */
function calibrate(): number {
  const operation = new Operation({ id: 0, component: 'probe', name: 'calibration', kind: 'function' });
  const calls = 2000;
  let fastestNs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 8; round++) {
    const startNs = nowNs();
    for (let call = 0; call < calls; call++) {
      const callNs = nowNs();
      operation.record(nowNs() - callNs);
    }
    fastestNs = Math.min(fastestNs, (nowNs() - startNs) / calls);
  }
  return fastestNs;
}
