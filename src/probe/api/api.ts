/**
 * The public API of the probe: functions that a program calls to show up in a Pipescope profile.
 *
 * Importing this module connects to the profiler that started the process. Without a profiler, calls record in memory
 * and send nothing; they cost a few nanoseconds.
 *
 * The functions themselves never throw, whatever their arguments are. A value that cannot be reported is left out; the
 * profile shows how many were.
 */

import type { GaugeRule, ItemEvent } from '../../protocol/batch/batch.ts';
import type { Control } from '../../protocol/control.ts';
import { ipcVariable } from '../../protocol/environment-variables.ts';
import type { ValidationState } from '../../protocol/validation/validation-state.ts';
import { locateCaller } from '../record/caller-location.ts';
import { cleanName, readProperty } from '../record/clean-map.ts';
import { maxComponentLength, maxNameLength, unnamed } from '../record/clean-text.ts';
import { nowNs } from '../record/clock.ts';
import type { Operation } from '../record/operation.ts';
import type { OperationOptions } from '../record/operation-table.ts';
import { Probe } from './probe.ts';
import { ipcTransport, preloadTransport, socketTransport, type Transport } from './transport.ts';

const probe = new Probe(process.argv[1]?.split(/[\\/]/).at(-1) ?? 'node');
const operationsByKey = new Map<string, Operation>();
const controlListeners = new Set<(control: Control) => void>();
const maxCachedOperations = 10_000;

/** True also in worker threads, which inherit the variable but connect later. Their operations need locations too. */
const isProfiled = process.env[ipcVariable] === '1';

const transport = ipcTransport(handleControl) ?? preloadTransport(() => probe.flush()) ?? openSocketTransport();
if (transport) probe.connect(transport);

function handleControl(control: Control): void {
  if (control.type === 'flush') probe.flush();
  for (const listener of controlListeners) listener(control);
}

/** Opens the socket and closes it when the program ends, so that the last records are sent. */
function openSocketTransport(): Transport | undefined {
  const socket = socketTransport(handleControl);
  if (!socket) return undefined;
  process.once('beforeExit', () => void probe.close());
  process.once('exit', () => probe.flush({ reason: 'end' }));
  return socket;
}

/** Component and source location of an operation. Every other key is recorded as an attribute of the span. */
export interface SpanAttributes {
  /** Part of the program that the operation belongs to; default `main`. */
  readonly component?: string;
  /** Path of the source file; default: the file of the calling code. */
  readonly file?: string;
  /** Line number, counted from 1. */
  readonly line?: number;
  readonly [attribute: string]: string | number | boolean | undefined;
}

/**
 * Runs `fn` as one call of the operation `name` and returns its result.
 *
 * A promise is timed until it settles. An exception or rejection is counted by its error code or class, then passed on.
 *
 * @example
 * const rows = await span('load orders', () => db.query(sql), { component: 'database' });
 */
export function span<T>(name: string, fn: () => T, attributes?: SpanAttributes): T {
  // The rest of the program may still expect the value that it passed instead of a function.
  if (typeof fn !== 'function') return refuse(fn);
  return probe.time(operationFor(name, span, attributes), fn, attributes);
}

/**
 * Records one call of the operation `name` that you timed yourself, in nanoseconds. Set `error` to the error type if the
 * call failed. Negative durations, NaN and other invalid values are left out.
 */
export function record(
  name: string,
  durationNs: number,
  attributes?: SpanAttributes & { readonly error?: string },
): void {
  const error = attributes === undefined ? undefined : readProperty(attributes, 'error', probe.dropped);
  probe.record(operationFor(name, record, attributes), durationNs, error as string | undefined);
}

/**
 * Returns counters for the lookups of a cache. The operation of the same name shows the hit ratio.
 *
 * @example
 * const users = cache('users');
 * const user = map.get(id);
 * if (user) users.hit();
 * else users.miss();
 */
export function cache(
  name: string,
  options?: OperationOptions,
): { hit(times?: number): void; miss(times?: number): void } {
  const operation = operationFor(name, cache, options);
  return { hit: (times) => operation.hit(times), miss: (times) => operation.miss(times) };
}

/**
 * Sets the current value of a gauge, such as a queue length. `unit` is `1` (default), `ratio`, `bytes` or `ns`. Values that
 * several threads and processes set under one name become one by the `rule`: their `sum` or the highest (`max`) of those
 * that run, or a `total` that keeps the values of those that have ended. By default `sum` for the units `1` and `bytes`, and
 * `max` for others.
 */
export function gauge(
  name: string,
  value: number,
  options: { readonly component?: string; readonly unit?: string; readonly rule?: GaugeRule } = {},
): void {
  const { dropped } = probe;
  const [component, unit, rule] = (['component', 'unit', 'rule'] as const).map((key) =>
    readProperty(options, key, dropped),
  );
  probe.gauge(component, name, value, unit, rule);
}

/** Reports the state of a validation run; used by the built-in validation pipeline. */
export function reportValidation(state: ValidationState): void {
  probe.reportValidation(state);
}

/** Adds `times` to a counter. Name it with a plural noun, such as `files`. */
export function count(name: string, times = 1, options: { readonly component?: string } = {}): void {
  probe.count(readProperty(options, 'component', probe.dropped), name, times);
}

/**
 * Records timings and counts of one processed item, such as a file. Calls for the same item are merged; a timing or count
 * of the same name is replaced. The profile keeps the slowest items.
 */
export function item(event: ItemEvent): void {
  probe.item(event);
}

/**
 * Returns a version of `fn` that records every call: its duration and, if it throws or rejects, its error.
 *
 * The source location is the line that calls `measured`. A function declared this way therefore shows its timing above
 * its declaration in the editor.
 *
 * @example
 * const parse = measured('parser', 'parse', (text: string) => JSON.parse(text));
 */
export function measured<P extends unknown[], R>(
  component: string,
  name: string,
  fn: (...parameters: P) => R,
  options: OperationOptions = {},
): (...parameters: P) => R {
  if (typeof fn !== 'function') return refuse(fn);
  const operation = defineOperation(component, name, options, measured);
  return function (this: unknown, ...parameters) {
    return probe.time(operation, () => Reflect.apply(fn, this, parameters) as R);
  };
}

/** Returns an operation to record on directly with `record`, `hit`, `miss` and `fail`. Cheapest for very frequent calls. */
export function operation(component: string, name: string, options: OperationOptions = {}): Operation {
  return defineOperation(component, name, options, operation);
}

/** Registers a listener for control messages from the host, such as `stop`; used by the built-in pipelines. */
export function onControl(listener: (control: Control) => void): void {
  if (typeof listener === 'function') controlListeners.add(listener);
  else refuse(listener);
}

/** Replaces the transport chosen at import; used by worker threads of the built-in pipelines. */
export function connect(replacement: Transport): void {
  probe.connect(replacement);
}

/** Sends a batch of a worker thread unchanged; used by the built-in pipelines. */
export function forward(batch: Parameters<Transport['send']>[0]): void {
  transport?.send(batch);
}

/** Sends the remaining records and disconnects. Resolves when they have left the process. */
export function close(bye?: Parameters<Probe['close']>[0]): Promise<void> {
  return probe.close(bye);
}

export { nowNs };

type ApiFunction = (...parameters: never[]) => unknown;

/** Counts an argument that is not valid, and returns it. */
function refuse<T>(argument: T): T {
  probe.dropped.values++;
  return argument;
}

function defineOperation(component: unknown, name: unknown, options: OperationOptions, api: ApiFunction): Operation {
  const { dropped } = probe;
  const [kind = 'stage', file, line] = (['kind', 'file', 'line'] as const).map((key) =>
    readProperty(options, key, dropped),
  );
  const isLocated = file !== undefined || probe.isCrowded || !(isProfiled || probe.isConnected);
  const location = isLocated ? { file, line } : { ...locateCaller(api), ...(line ? { line } : {}) };
  return probe.operation(name, { kind, ...location, component } as OperationOptions);
}

function operationFor(name: unknown, api: ApiFunction, options?: SpanAttributes | OperationOptions): Operation {
  const { dropped } = probe;
  const component =
    options === undefined
      ? 'main'
      : cleanName(readProperty(options, 'component', dropped) ?? 'main', maxComponentLength, 'main', dropped);
  const operationName = cleanName(name, maxNameLength, unnamed, dropped);
  const key = `${component}\0${operationName}`;
  const existing = operationsByKey.get(key);
  if (existing) return existing;
  const { file, line } = { file: readProperty(options, 'file', dropped), line: readProperty(options, 'line', dropped) };
  const created = defineOperation(
    component,
    operationName,
    { kind: 'function', ...(file ? { file } : {}), ...(line ? { line } : {}) } as OperationOptions,
    api,
  );
  if (operationsByKey.size < maxCachedOperations) operationsByKey.set(key, created);
  return created;
}
