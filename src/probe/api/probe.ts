import { threadId } from 'node:worker_threads';
import type { Batch, Bye, Hello, ResourceSample } from '../../protocol/batch/batch.ts';
import { protocolVersion } from '../../protocol/batch/limits.ts';
import { isValidationState, type ValidationState } from '../../protocol/validation/validation-state.ts';
import { startBeats } from '../link/start-beats.ts';
import { nowNs } from '../record/clock.ts';
import { DroppedCounter } from '../record/dropped-counter.ts';
import { errorType } from '../record/error-type.ts';
import { NoticeQueue } from '../record/notice-queue.ts';
import type { Operation } from '../record/operation.ts';
import { type OperationOptions, OperationTable } from '../record/operation-table.ts';
import { PendingRecords } from '../record/pending-records.ts';
import { measureRecordNs } from '../record/record-cost.ts';
import { ResourceMonitor } from '../record/resource-monitor.ts';
import { type OpenSpan, OpenSpans } from './open-spans.ts';
import { SelfTimer, type SyncCall } from './self-timer.ts';
import type { Transport } from './transport.ts';

const minResourceIntervalNs = 450e6;

/**
 * Records a program's operations and sends what changed every 250 ms.
 *
 * It must not disturb the program: it never throws into it, never blocks, keeps its memory bounded, and does not keep the
 * process alive. Arguments come from the program, so they can be anything: what cannot be sent is left out and counted.
 */
export class Probe {
  readonly #name: string;
  /** Also counts arguments that the API refuses. */
  readonly dropped = new DroppedCounter();
  readonly #notices = new NoticeQueue();
  readonly #operations = new OperationTable(this.dropped, this.#notices);
  readonly #pending = new PendingRecords(this.dropped, this.#notices);
  #transport: Transport | undefined;
  #stopBeats: (() => void) | undefined;
  #monitor: ResourceMonitor | undefined;
  #sequence = 0;
  #isHelloDue = true;
  #resourcesAtNs = Number.NEGATIVE_INFINITY;
  #resources: ResourceSample | undefined;
  #flushNs = 0;
  #recordNs = 0;
  readonly #selfTimer = new SelfTimer();
  readonly #spans = new OpenSpans();

  constructor(name: string) {
    this.#name = name;
  }

  /** Starts sending through this transport, and replaces the previous transport if there is one. */
  connect(transport: Transport): void {
    this.#transport?.close();
    this.#transport = transport;
    // The other end of this transport may not know what was sent through the previous one.
    this.#isHelloDue = true;
    this.#redefine();
    if (this.#stopBeats) return;
    this.#recordNs = measureRecordNs();
    this.#monitor = new ResourceMonitor();
    this.#stopBeats = startBeats(() => this.#tick());
  }

  get isConnected(): boolean {
    return this.#transport !== undefined;
  }

  /** True once a new name is counted as `other`. */
  get isCrowded(): boolean {
    return this.#operations.isCrowded;
  }

  /** Returns the operation with this name and component; creates it on first use. */
  operation(name: unknown, options: OperationOptions = {}): Operation {
    return this.#operations.operation(name, options);
  }

  /** Runs `work` as one call of the operation and returns its result. Errors and rejections are counted and passed on. */
  time<T>(operation: Operation, work: () => T, attributes?: unknown): T {
    const startNs = nowNs();
    const call = this.#selfTimer.begin(startNs);
    operation.begin(startNs);
    const span = this.#spans.begin(operation, startNs);
    let result: T;
    try {
      result = this.#spans.run(span, operation, work);
    } catch (error) {
      this.#endSync(operation, span, call, attributes, error);
      throw error;
    }
    const settled = isPromise(result) ? this.#whenSettled(operation, span, attributes, result) : undefined;
    if (!settled) {
      operation.syncCalls++;
      this.#endSync(operation, span, call, attributes);
      return result;
    }
    operation.syncCalls = 0;
    this.#selfTimer.leave(call);
    return settled as T;
  }

  /** Records a call that was timed elsewhere. A duration that is not valid is counted as dropped. */
  record(operation: Operation, durationNs: number, error?: string): void {
    operation.record(durationNs);
    if (error !== undefined) operation.fail(error);
  }

  /** Adds to a counter. */
  count(component: unknown, name: unknown, times: unknown = 1): void {
    this.#pending.count(component, name, times);
  }

  /** Sets the current value of a gauge to a finite number. */
  gauge(component: unknown, name: unknown, value: unknown, unit: unknown = '1', rule?: unknown): void {
    this.#pending.gauge(component, name, value, unit, rule);
  }

  /** Sends the state of the built-in validation with the next batch; only the newest state is kept. */
  reportValidation(state: ValidationState): void {
    if (isValid(state)) this.#pending.validation = state;
    else this.dropped.values++;
  }

  /** Records facts about one processed item, such as a file. */
  item(item: unknown): void {
    this.#pending.item(item);
  }

  #tick(): void {
    const atNs = nowNs();
    if (atNs - this.#resourcesAtNs >= minResourceIntervalNs) {
      this.#resourcesAtNs = atNs;
      this.#resources = this.#monitor?.sample();
    }
    this.flush();
  }

  /** Sends what changed. Under full pressure it sends nothing; the counts are kept for a later batch. */
  flush(bye?: Bye): void {
    const transport = this.#transport;
    if (!transport) return;
    const pressure = transport.pressure();
    if (pressure === 'full' && !bye) return;
    const startNs = nowNs();
    const batch = this.#drainBatch(pressure === 'none', bye);
    try {
      if (!transport.send(batch)) this.#disconnect();
    } catch {
      // A later batch reports what is lost.
      this.dropped.addBatch(batch);
      this.#isHelloDue ||= batch.hello !== undefined;
      this.#redefine();
    }
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

  /** Makes every definition due again, for a host that may not have them. */
  #redefine(): void {
    this.#operations.redefine();
    this.#spans.tree.redefine();
  }

  #disconnect(): void {
    this.#stopBeats?.();
    this.#monitor?.close();
    this.#stopBeats = undefined;
    this.#transport = undefined;
  }

  #endSync(operation: Operation, span: OpenSpan, call: SyncCall, attributes: unknown, ...thrown: unknown[]): void {
    const endNs = nowNs();
    this.#spans.end(span, endNs);
    const durationNs = endNs - call.startNs;
    operation.end(endNs, durationNs, this.#selfTimer.end(call, endNs));
    this.#finish(operation, call.startNs, durationNs, attributes, thrown);
  }

  /** Returns a promise that settles like `promise` once the call is recorded; undefined if it cannot be observed. */
  #whenSettled<T>(
    operation: Operation,
    span: OpenSpan,
    attributes: unknown,
    promise: Promise<T>,
  ): Promise<T> | undefined {
    try {
      return promise.then(
        (value) => {
          this.#endAsync(operation, span, attributes);
          return value;
        },
        (error: unknown) => {
          this.#endAsync(operation, span, attributes, error);
          throw error;
        },
      );
    } catch {
      // A subclass may do anything in its `then`.
      return undefined;
    }
  }

  #endAsync(operation: Operation, span: OpenSpan, attributes: unknown, ...thrown: unknown[]): void {
    const endNs = nowNs();
    const { startNs } = span;
    const durationNs = endNs - startNs;
    this.#spans.end(span, endNs);
    operation.end(endNs, durationNs);
    this.#finish(operation, startNs, durationNs, attributes, thrown);
  }

  #finish(operation: Operation, startNs: number, durationNs: number, attributes: unknown, thrown: unknown[]): void {
    if (thrown.length === 0) {
      operation.addSpan(startNs, durationNs, attributes === undefined ? undefined : { attributes });
      return;
    }
    const type = errorType(thrown[0]);
    operation.fail(type);
    operation.addSpan(startNs, durationNs, { error: type, attributes });
  }

  #drainBatch(withExamples: boolean, bye?: Bye): Batch {
    const { deltas, ids } = this.#spans.tree.drain();
    const records = {
      ...this.#operations.drain(withExamples, ids),
      ...deltas,
      ...this.#pending.drain(withExamples || bye !== undefined),
    };
    const hello = this.#isHelloDue ? this.#hello() : undefined;
    this.#isHelloDue = false;
    const resources = bye ? this.#monitor?.sample() : this.#resources;
    this.#resources = undefined;
    const dropped = this.dropped.drain();
    const notices = this.#notices.drain();
    return {
      v: protocolVersion,
      source: `${process.pid}.${threadId}`,
      sequence: this.#sequence++,
      atNs: nowNs(),
      ...(hello ? { hello } : {}),
      ...records,
      ...(resources ? { resources } : {}),
      ...(dropped ? { dropped } : {}),
      ...(notices.length ? { notices } : {}),
      cost: { events: this.#operations.events, flushNs: this.#flushNs },
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
  try {
    return value instanceof Promise;
  } catch {
    // A proxy may refuse to reveal its class.
    return false;
  }
}

function isValid(state: ValidationState): boolean {
  try {
    return isValidationState(state);
  } catch {
    return false;
  }
}
