/**
 * The guest's recorder: gathers what operations count and sends what changed on a beat.
 *
 * It breaks nothing: it never throws into the program, never waits, keeps bounded memory, and keeps no process alive.
 */
import { threadId } from 'node:worker_threads';
import {
  type Attributes,
  type Batch,
  type Bye,
  type Definition,
  type Hello,
  type ItemEvent,
  type OperationDelta,
  type OperationKind,
  protocolVersion,
  type ResourceSample,
  type SpanEvent,
} from '../../protocol/event.ts';
import { Operation } from '../record/operation.ts';
import { Notes } from '../record/pending-records.ts';
import { calibrate, Gauge, nowNs } from '../record/probe-cost.ts';
import type { Transport } from './transport.ts';

export const beatMs = 250;
/** Operations known by name; later ones are counted together as `other` of their component. */
const operationsKept = 2000;
/** Beats between two looks at the process's own resources. */
const resourceBeats = 2;

export interface OperationOptions {
  readonly component?: string;
  readonly kind?: OperationKind;
  readonly file?: string;
  readonly line?: number;
}

export class Probe {
  readonly #name: string;
  readonly #operations = new Map<string, Operation>();
  readonly #notes = new Notes();
  #transport: Transport | undefined;
  #timer: NodeJS.Timeout | undefined;
  #gauge: Gauge | undefined;
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
    this.#gauge = new Gauge();
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
    if (this.#operations.size >= operationsKept && name !== 'other') {
      // So many components would make so many others: then there is one for all.
      const crowded = this.#operations.size >= 2 * operationsKept;
      return this.operation('other', crowded ? {} : { component });
    }
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
    this.#notes.count(component, name, times);
  }

  gauge(component: string, name: string, value: number, unit = '1'): void {
    this.#notes.gauge(component, name, value, unit);
  }

  /** What is known of one thing worked on. */
  item(item: ItemEvent): void {
    this.#notes.item(item);
  }

  #beat(): void {
    if (this.#beats++ % resourceBeats === 0) this.#resources = this.#gauge?.sample();
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
    this.#gauge?.close();
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
    const resources = bye ? this.#gauge?.sample() : this.#resources;
    this.#resources = undefined;
    return {
      v: protocolVersion,
      source: `${process.pid}.${threadId}`,
      sequence: this.#sequence++,
      atNs: nowNs(),
      ...(hello ? { hello } : {}),
      ...(definitions.length ? { definitions } : {}),
      ...(operations.length ? { operations } : {}),
      ...this.#notes.take(withExamples || bye !== undefined),
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
