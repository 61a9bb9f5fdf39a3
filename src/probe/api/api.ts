/**
 * The public API of the probe: functions that a program calls to show up in a Pipescope profile.
 *
 * Importing this module connects to the profiler that started the process. Without a profiler, calls record in memory
 * and send nothing; they cost a few nanoseconds. The functions themselves never throw.
 */

import type { Attributes, ItemEvent } from '../../protocol/batch/batch.ts';
import type { Control } from '../../protocol/control.ts';
import { ipcVariable } from '../../protocol/environment-variables.ts';
import type { ValidationState } from '../../protocol/validation-state.ts';
import { locateCaller } from '../record/caller-location.ts';
import { nowNs } from '../record/clock.ts';
import type { Operation } from '../record/operation.ts';
import { type OperationOptions, Probe } from './probe.ts';
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
  process.once('exit', () => probe.flush());
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
  return probe.time(operationFor(name, span, attributes), fn, spanAttributesOf(attributes));
}

/**
 * Records one call of the operation `name` that you timed yourself, in nanoseconds. Set `error` to the error type if the
 * call failed. Negative durations and NaN are ignored.
 */
export function record(
  name: string,
  durationNs: number,
  attributes?: SpanAttributes & { readonly error?: string },
): void {
  probe.record(operationFor(name, record, attributes), durationNs, attributes?.error);
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

/** Sets the current value of a gauge, such as a queue length. `unit` is `1` (default), `ratio`, `bytes` or `ns`. */
export function gauge(
  name: string,
  value: number,
  options: { readonly component?: string; readonly unit?: string } = {},
): void {
  probe.gauge(options.component ?? 'main', name, value, options.unit);
}

/** Reports the state of a validation run; used by the built-in validation pipeline. */
export function reportValidation(state: ValidationState): void {
  probe.reportValidation(state);
}

/** Adds `times` to a counter. Name it with a plural noun, such as `files`. */
export function count(name: string, times = 1, options: { readonly component?: string } = {}): void {
  probe.count(options.component ?? 'main', name, times);
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
  const operation = defineOperation(component, name, options, measured);
  return (...parameters) => probe.time(operation, () => fn(...parameters));
}

/** Returns an operation to record on directly with `record`, `hit`, `miss` and `fail`. Cheapest for very frequent calls. */
export function operation(component: string, name: string, options: OperationOptions = {}): Operation {
  return defineOperation(component, name, options, operation);
}

/** Registers a listener for control messages from the host, such as `stop`; used by the built-in pipelines. */
export function onControl(listener: (control: Control) => void): void {
  controlListeners.add(listener);
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

function defineOperation(component: string, name: string, options: OperationOptions, api: ApiFunction): Operation {
  const location = options.file === undefined && (isProfiled || probe.isConnected) ? locateCaller(api) : undefined;
  return probe.operation(name, { kind: 'stage', ...location, ...options, component });
}

function operationFor(
  name: string,
  api: ApiFunction,
  attributes: SpanAttributes | OperationOptions | undefined,
): Operation {
  const component = attributes?.component ?? 'main';
  const key = `${component}\0${name}`;
  const existing = operationsByKey.get(key);
  if (existing) return existing;
  const { file, line } = attributes ?? {};
  const created = defineOperation(
    component,
    name,
    { kind: 'function', ...(file ? { file } : {}), ...(line ? { line } : {}) },
    api,
  );
  if (operationsByKey.size < maxCachedOperations) operationsByKey.set(key, created);
  return created;
}

function spanAttributesOf(attributes: SpanAttributes | undefined): Attributes | undefined {
  if (!attributes) return undefined;
  const { component, file, line, ...others } = attributes;
  const entries = Object.entries(others).filter(([, value]) => value !== undefined);
  return entries.length > 0 ? (Object.fromEntries(entries) as Attributes) : undefined;
}
