import { threadId } from 'node:worker_threads';
import type {
  Attributes,
  Batch,
  Bye,
  Definition,
  Hello,
  ItemEvent,
  OperationDelta,
  OperationKind,
  ResourceSample,
  SpanEvent,
} from '../../protocol/batch/batch.ts';
import { protocolVersion } from '../../protocol/batch/limits.ts';
import type { ValidationState } from '../../protocol/validation-state.ts';
import { nowNs } from '../record/clock.ts';
import { Operation } from '../record/operation.ts';
import { PendingRecords } from '../record/pending-records.ts';
import { measureRecordNs } from '../record/record-cost.ts';
import { ResourceMonitor } from '../record/resource-monitor.ts';
import type { Transport } from './transport.ts';

const flushIntervalMs = 250;
/** Maximum number of named operations; further ones are counted together as `other` of their component. */
const maxOperations = 2000;
const ticksPerResourceSample = 2;

/** Describes an operation when it is created. */
export interface OperationOptions {
  /** Part of the program that the operation belongs to; default `main`. */
  readonly component?: string;
  readonly kind?: OperationKind;
  /** Path of the source file; absolute, or relative to the workspace. */
  readonly file?: string;
  /** Line number, counted from 1. */
  readonly line?: number;
}

/**
 * Records a program's operations and sends what changed every 250 ms.
 *
 * It must not disturb the program: it never throws into it, never blocks, keeps its memory bounded, and does not keep the
 * process alive.
 */
export class Probe {
  readonly #name: string;
  readonly #operations = new Map<string, Operation>();
  readonly #pending = new PendingRecords();
  #transport: Transport | undefined;
  #timer: NodeJS.Timeout | undefined;
  #monitor: ResourceMonitor | undefined;
  #sequence = 0;
  #ticks = 0;
  #resources: ResourceSample | undefined;
  #events = 0;
  #flushNs = 0;
  #recordNs = 0;
  /** Time spent in measured calls inside the current synchronous call. */
  #measuredChildNs = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Starts sending through this transport, and replaces the previous transport if there is one. */
  connect(transport: Transport): void {
    this.#transport?.close();
    this.#transport = transport;
    if (this.#timer) return;
    this.#recordNs = measureRecordNs();
    this.#monitor = new ResourceMonitor();
    this.#timer = setInterval(() => this.#tick(), flushIntervalMs);
    this.#timer.unref();
  }

  get isConnected(): boolean {
    return this.#transport !== undefined;
  }

  /** Returns the operation with this name and component; creates it on first use. */
  operation(name: string, options: OperationOptions = {}): Operation {
    const component = options.component ?? 'main';
    const key = `${component}\0${name}`;
    const existing = this.#operations.get(key);
    if (existing) return existing;
    if (this.#operations.size >= maxOperations && name !== 'other') {
      // Too many components would create too many `other` operations, so from here on all components share one.
      const isCrowded = this.#operations.size >= 2 * maxOperations;
      return this.operation('other', isCrowded ? {} : { component });
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

  /** Runs `work` as one call of the operation and returns its result. Errors and rejections are counted and passed on. */
  time<T>(operation: Operation, work: () => T, attributes?: Attributes): T {
    const startNs = nowNs();
    const outerChildNs = this.#measuredChildNs;
    this.#measuredChildNs = 0;
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
    this.#measuredChildNs = outerChildNs;
    operation.markSelfTimeUnknown();
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

  /** Records a call that was timed elsewhere; ignores a negative or non-numeric duration. */
  record(operation: Operation, durationNs: number, error?: string): void {
    if (!(durationNs >= 0)) return;
    operation.record(durationNs);
    operation.markSelfTimeUnknown();
    if (error !== undefined) operation.fail(error);
  }

  /** Adds to a counter. */
  count(component: string, name: string, times = 1): void {
    this.#pending.count(component, name, times);
  }

  /** Sets the current value of a gauge; ignores values that are not finite. */
  gauge(component: string, name: string, value: number, unit = '1'): void {
    this.#pending.gauge(component, name, value, unit);
  }

  /** Sends the state of the built-in validation with the next batch; only the newest state is kept. */
  reportValidation(state: ValidationState): void {
    this.#pending.validation = state;
  }

  /** Records facts about one processed item, such as a file. */
  item(item: ItemEvent): void {
    this.#pending.item(item);
  }

  #tick(): void {
    if (this.#ticks++ % ticksPerResourceSample === 0) this.#resources = this.#monitor?.sample();
    this.flush();
  }

  /** Sends what changed. Under full pressure it sends nothing; the counts are kept for a later batch. */
  flush(bye?: Bye): void {
    const transport = this.#transport;
    if (!transport) return;
    const pressure = transport.pressure();
    if (pressure === 'full' && !bye) return;
    const startNs = nowNs();
    if (!transport.send(this.#drainBatch(pressure === 'none', bye))) this.#disconnect();
    this.#flushNs += nowNs() - startNs;
  }

  /** Sends the remaining records, waits until they have left the process, and disconnects. */
  async close(bye: Bye = { reason: 'end' }): Promise<void> {
    const transport = this.#transport;
    if (!transport) return;
    this.flush(bye);
    this.#disconnect();
    await transport.whenDrained();
    transport.close();
  }

  #disconnect(): void {
    clearInterval(this.#timer);
    this.#monitor?.close();
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
    operation.recordNested(durationNs, Math.max(0, durationNs - this.#measuredChildNs));
    this.#measuredChildNs = outerChildNs + durationNs;
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
      operation.addSpan(startNs, durationNs, attributes && { attributes });
      return;
    }
    const type = errorType(thrown[0]);
    operation.fail(type);
    operation.addSpan(startNs, durationNs, { error: type, ...(attributes ? { attributes } : {}) });
  }

  #drainBatch(withExamples: boolean, bye?: Bye): Batch {
    const definitions: Definition[] = [];
    const operations: OperationDelta[] = [];
    const spans: SpanEvent[] = [];
    let spansOmitted = 0;
    for (const operation of this.#operations.values()) {
      const delta = operation.drainDelta();
      const slowest = operation.drainSpans();
      spansOmitted += operation.spansOmitted + (withExamples ? 0 : slowest.length);
      operation.spansOmitted = 0;
      if (withExamples) spans.push(...slowest);
      if (!delta) continue;
      const definition = operation.drainDefinition();
      if (definition) definitions.push(definition);
      operations.push(delta);
      this.#events += delta.count + delta.hits + delta.misses;
    }
    const hello = this.#sequence === 0 ? this.#hello() : undefined;
    const resources = bye ? this.#monitor?.sample() : this.#resources;
    this.#resources = undefined;
    return {
      v: protocolVersion,
      source: `${process.pid}.${threadId}`,
      sequence: this.#sequence++,
      atNs: nowNs(),
      ...(hello ? { hello } : {}),
      ...(definitions.length ? { definitions } : {}),
      ...(operations.length ? { operations } : {}),
      ...this.#pending.drain(withExamples || bye !== undefined),
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

/** Returns the code of an error if it has one, otherwise its class name; for other values their `typeof`. */
function errorType(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : error.name;
}
