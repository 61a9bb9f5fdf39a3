import type { Attributes } from '../../protocol/batch/batch.ts';
import { amount, maxTextLength, number, text } from '../../protocol/schema.ts';
import { cleanText } from './clean-text.ts';
import type { DroppedCounter } from './dropped-counter.ts';

/** Limits of one object: entries, length of a key, and length of all keys and texts together. */
const maxEntries = 64;
const maxKeyLength = 200;
const maxLength = 16_384;

/** Properties of span attributes that describe the operation. */
const operationProperties: ReadonlySet<string> = new Set(['component', 'file', 'line']);
const noProperties: ReadonlySet<string> = new Set();

/** Entries of an object that were accepted, and their size. */
interface CleanMap<T> {
  readonly entries: Readonly<Record<string, T>>;
  /** Length of all keys and texts. */
  readonly length: number;
}

/** Returns the attributes of a span that can be sent, or undefined if there are none. Counts the others as dropped. */
export function cleanAttributes(
  attributes: unknown,
  dropped: DroppedCounter,
): CleanMap<Attributes[string]> | undefined {
  if (attributes === undefined) return undefined;
  const clean = cleanMap(attributes, isAttribute, dropped, operationProperties);
  return clean.length > 0 ? clean : undefined;
}

/** Returns the named durations of an item that can be sent, and counts the others as dropped. */
export function cleanParts(parts: unknown, dropped: DroppedCounter): CleanMap<number> {
  return cleanMap(parts, amount, dropped);
}

/** Returns the named numbers of an item that can be sent, and counts the others as dropped. */
export function cleanCounts(counts: unknown, dropped: DroppedCounter): CleanMap<number> {
  return cleanMap(counts, number, dropped);
}

function isAttribute(value: unknown): value is Attributes[string] {
  return typeof value === 'boolean' || number(value) || text(value);
}

/** Copies an object of the program. Its properties and the object itself may throw when they are read. */
function cleanMap<T>(
  object: unknown,
  accepts: (value: unknown) => value is T,
  dropped: DroppedCounter,
  ignored = noProperties,
): CleanMap<T> {
  const entries: Record<string, T> = {};
  let [length, count] = [0, 0];
  for (const key of keysOf(object, dropped)) {
    if (ignored.has(key)) continue;
    const value = readProperty(object, key, dropped);
    if (value === undefined) continue;
    const entryLength = key.length + (typeof value === 'string' ? value.length : 8);
    const hasRoom = count < maxEntries && key.length <= maxKeyLength && length + entryLength <= maxLength;
    if (!hasRoom || !accepts(value)) {
      dropped.values++;
      continue;
    }
    // An assignment to this key would set the prototype.
    if (key === '__proto__') Object.defineProperty(entries, key, { value, enumerable: true });
    else entries[key] = value;
    length += entryLength;
    count++;
  }
  return { entries, length };
}

function keysOf(object: unknown, dropped: DroppedCounter): readonly string[] {
  if (object === undefined) return [];
  try {
    if (typeof object === 'object' && object !== null) return Object.keys(object);
  } catch {
    // A proxy that refuses: counted below.
  }
  dropped.values++;
  return [];
}

/** Returns a property of an object of the program. Returns undefined and counts it as dropped if it cannot be read. */
export function readProperty(object: unknown, key: string, dropped: DroppedCounter): unknown {
  if (object === undefined) return undefined;
  try {
    return (object as { readonly [key: string]: unknown })[key];
  } catch {
    dropped.values++;
    return undefined;
  }
}

/** Returns a path that can be sent; undefined if there is none, or if it is dropped. */
export function cleanPath(path: unknown, dropped: DroppedCounter): string | undefined {
  if (path === undefined || path === '') return undefined;
  if (typeof path === 'string' && path.length <= maxTextLength) return path;
  dropped.values++;
  return undefined;
}

/** Returns a name as text. Counts a value that cannot be a name as dropped and returns `fallback`. */
export function cleanName(name: unknown, maxNameLength: number, fallback: string, dropped: DroppedCounter): string {
  const clean = cleanText(name, maxNameLength);
  if (clean !== undefined) return clean;
  dropped.values++;
  return fallback;
}
