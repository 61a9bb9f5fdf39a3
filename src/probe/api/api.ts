/**
 * The public API of the probe: what a program calls to be seen.
 *
 * It is this process's one probe, connected by itself when a profiler started the process; otherwise calls cost a few
 * nanoseconds and go nowhere. Functions never throw errors of their own.
 */

import type { Control } from '../../protocol/control.ts';
import { ipcVariable } from '../../protocol/environment-variables.ts';
import type { Attributes, ItemEvent } from '../../protocol/event.ts';
import { placeOfCaller } from '../record/caller-location.ts';
import type { Operation } from '../record/operation.ts';
import { nowNs } from '../record/probe-cost.ts';
import { type OperationOptions, Probe } from './probe.ts';
import { ipcTransport, preloadTransport, socketTransport, type Transport } from './transport.ts';

const probe = new Probe(process.argv[1]?.split(/[\\/]/).at(-1) ?? 'node');
const byName = new Map<string, Operation>();
const listeners = new Set<(control: Control) => void>();

/** Worker threads inherit the variable and are connected later: their operations want places too. */
const profiled = process.env[ipcVariable] === '1';

const transport = ipcTransport(obey) ?? preloadTransport(() => probe.flush()) ?? overSocket();
if (transport) probe.connect(transport);

function obey(control: Control): void {
  if (control.type === 'flush') probe.flush();
  for (const listener of listeners) listener(control);
}

/** Nobody else ends this line: what was counted last leaves with the program's own end. */
function overSocket(): Transport | undefined {
  const made = socketTransport(obey);
  if (!made) return undefined;
  process.once('beforeExit', () => void probe.close());
  process.once('exit', () => probe.flush());
  return made;
}

/** Where and whose an operation is; every other key is an attribute of the single span. */
export interface SpanAttributes {
  readonly component?: string;
  readonly file?: string;
  readonly line?: number;
  readonly [attribute: string]: string | number | boolean | undefined;
}

/**
 * Runs `fn` as one call of the operation `name` and returns what it returns; a promise is timed until it settles, what
 * is thrown counts as an error by its code or class. Without `file` the caller's line is the operation's place.
 */
export function span<T>(name: string, fn: () => T, attributes?: SpanAttributes): T {
  return probe.time(named(name, span, attributes), fn, rest(attributes));
}

/** One call of `name` that was timed elsewhere, in nanoseconds; `error` names the type where it failed. */
export function record(
  name: string,
  durationNs: number,
  attributes?: SpanAttributes & { readonly error?: string },
): void {
  probe.record(named(name, record, attributes), durationNs, attributes?.error);
}

/** A cache's lookups, counted on the operation of the same name. */
export function cache(
  name: string,
  options?: OperationOptions,
): { hit(times?: number): void; miss(times?: number): void } {
  const operation = named(name, cache, options);
  return { hit: (times) => operation.hit(times), miss: (times) => operation.miss(times) };
}

/** A value that goes up and down; `unit` is `1`, `ratio`, `bytes` or `ns`. */
export function gauge(
  name: string,
  value: number,
  options: { readonly component?: string; readonly unit?: string } = {},
): void {
  probe.gauge(options.component ?? 'main', name, value, options.unit);
}

/** Adds to a counter named by a plural noun, such as `files`. */
export function count(name: string, times = 1, options: { readonly component?: string } = {}): void {
  probe.count(options.component ?? 'main', name, times);
}

/** What is known of one thing worked on, such as a file. */
export function item(event: ItemEvent): void {
  probe.item(event);
}

/**
 * Makes a function an operation: each of its calls is timed, its errors counted. The place is the line of this call,
 * so a function declared through it carries its own timing in the editor.
 */
export function measured<P extends unknown[], R>(
  component: string,
  name: string,
  fn: (...parameters: P) => R,
  options: OperationOptions = {},
): (...parameters: P) => R {
  const operation = define(component, name, options, measured);
  return (...parameters) => probe.time(operation, () => fn(...parameters));
}

/** An operation to be counted by hand: `record`, `hit`, `miss`, `fail`. */
export function operation(component: string, name: string, options: OperationOptions = {}): Operation {
  return define(component, name, options, operation);
}

/** Listens to what the host asks. */
export function onControl(listener: (control: Control) => void): void {
  listeners.add(listener);
}

/** Sends by another way than the one found at the start; used by worker threads. */
export function connect(other: Transport): void {
  probe.connect(other);
}

/** Hands on a batch of a worker thread, as it is. */
export function forward(batch: Parameters<Transport['send']>[0]): void {
  transport?.send(batch);
}

/** Sends the rest; resolves when it has left the process. */
export function close(bye?: Parameters<Probe['close']>[0]): Promise<void> {
  return probe.close(bye);
}

export { nowNs };

type Api = (...parameters: never[]) => unknown;

function define(component: string, name: string, options: OperationOptions, api: Api): Operation {
  const place = options.file === undefined && (profiled || probe.connected) ? placeOfCaller(api) : undefined;
  return probe.operation(name, { kind: 'stage', ...place, ...options, component });
}

function named(name: string, api: Api, attributes: SpanAttributes | OperationOptions | undefined): Operation {
  const component = attributes?.component ?? 'main';
  const key = `${component}\0${name}`;
  const known = byName.get(key);
  if (known) return known;
  const { file, line } = attributes ?? {};
  const made = define(component, name, { kind: 'function', ...(file ? { file } : {}), ...(line ? { line } : {}) }, api);
  if (byName.size < 10_000) byName.set(key, made);
  return made;
}

function rest(attributes: SpanAttributes | undefined): Attributes | undefined {
  if (!attributes) return undefined;
  const { component, file, line, ...others } = attributes;
  const entries = Object.entries(others).filter(([, value]) => value !== undefined);
  return entries.length > 0 ? (Object.fromEntries(entries) as Attributes) : undefined;
}
