/**
 * Schemas for values that cross a process boundary: one definition yields both the type (`Infer`) and the guard.
 *
 * A schema is a guard function that does not throw or copy what it checks. Unknown properties are allowed, so that newer
 * senders can add some. A schema also knows how to keep the valid parts of a value that it does not accept: see `repair`.
 */

export type Guard<T> = (value: unknown) => value is T;

/** Type of the values that a schema accepts. */
export type Infer<G> = G extends Guard<infer T> ? T : never;

/** Number of values that a repair has changed or left out. */
export interface RepairLoss {
  values: number;
}

/** Returns the valid part of a value that a schema does not accept, or undefined if there is none. */
type Repair<T> = (value: unknown, loss: RepairLoss) => T | undefined;

const repairs = new WeakMap<Guard<unknown>, Repair<unknown>>();

/** Adds to a schema how to repair a value that it does not accept. */
export function repairable<T>(guard: Guard<T>, repairValue: Repair<T>): Guard<T> {
  repairs.set(guard, repairValue);
  return guard;
}

/**
 * Returns a value that a schema accepts with as much of the given one as possible: texts are shortened, invalid entries
 * and optional properties are left out. Returns undefined if nothing valid can be kept.
 */
export function repair<T>(guard: Guard<T>, value: unknown, loss: RepairLoss): T | undefined {
  if (guard(value)) return value;
  return repairs.get(guard)?.(value, loss) as T | undefined;
}

/** The same schema, but a repair replaces an invalid value by another one. */
export function withDefault<T>(guard: Guard<T>, replacement: T): Guard<T> {
  const repairValue = (value: unknown, loss: RepairLoss): T => {
    const repaired = repairs.get(guard)?.(value, loss) as T | undefined;
    if (repaired === undefined) loss.values++;
    return repaired ?? replacement;
  };
  return repairable((value): value is T => guard(value), repairValue);
}

type UnknownRecord = Readonly<Record<string, unknown>>;

/** Maximum length of a name, path or message, in UTF-16 code units. */
export const maxTextLength = 4096;

export function isRecord(value: unknown): value is UnknownRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A string of at most `maxTextLength`. */
export function text(value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxTextLength;
}
repairable(text, (value, loss) => {
  if (typeof value !== 'string') return undefined;
  loss.values++;
  return value.slice(0, maxTextLength);
});

/** A string of any length. */
export function longText(value: unknown): value is string {
  return typeof value === 'string';
}

/** A finite number that is not negative, such as a size or a duration. */
export function amount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY;
}

/** A safe integer that is not negative, such as a count. */
export function whole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** A finite number. */
export function number(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

export function boolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

/** One of the given values. */
export function literal<const T extends readonly (string | number | boolean)[]>(...values: T): Guard<T[number]> {
  if (values.length === 1) {
    const [only] = values;
    return (value): value is T[number] => value === only;
  }
  const allowed: ReadonlySet<unknown> = new Set(values);
  return (value): value is T[number] => allowed.has(value);
}

/** A value that at least one of two schemas accepts. */
export function union<A, B>(first: Guard<A>, second: Guard<B>): Guard<A | B> {
  const accepts = (value: unknown): value is A | B => first(value) || second(value);
  return repairable(accepts, (value, loss) => repair(first, value, loss) ?? repair(second, value, loss));
}

/** A value that a schema accepts and that also meets a condition. */
export function refine<T>(guard: Guard<T>, condition: (value: T) => boolean): Guard<T> {
  return (value): value is T => guard(value) && condition(value);
}

/** Any text, with a narrower type. Other versions may write values that this one does not know. */
export function openText<T extends string>(): Guard<T> {
  return text as Guard<T>;
}

/** Any value, with a type that is not verified. For parts of files that readers check themselves or only display. */
export function unchecked<T>(): Guard<T> {
  return (_value): _value is T => true;
}

/** A value whose outer type is verified, for example by `Array.isArray`, but not its contents. */
export function outline<T>(verify: (value: unknown) => boolean): Guard<T> {
  return (value): value is T => verify(value);
}

/** Any value, with a type that is not verified; the property may be absent. */
export function uncheckedOptional<T>(): OptionalGuard<T> {
  return unchecked<T>() as OptionalGuard<T>;
}

declare const isOptional: unique symbol;
/** Schema of a property that may be absent. */
export type OptionalGuard<T> = Guard<T> & { readonly [isOptional]: true };

/** A property that may be absent or undefined. */
export function optional<T>(guard: Guard<T>): OptionalGuard<T> {
  const accepts = (value: unknown): value is T => value === undefined || guard(value);
  return repairable(accepts, (value, loss) => repair(guard, value, loss)) as OptionalGuard<T>;
}

/** An array of at most `maxLength` entries. */
export function list<T>(guard: Guard<T>, maxLength: number): Guard<readonly T[]> {
  const accepts = (value: unknown): value is readonly T[] => {
    if (!Array.isArray(value) || value.length > maxLength) return false;
    for (let index = 0; index < value.length; index++) if (!guard(value[index])) return false;
    return true;
  };
  return repairable(accepts, (value, loss) => {
    if (!Array.isArray(value)) return undefined;
    loss.values += Math.max(0, value.length - maxLength);
    return value.slice(0, maxLength).flatMap((entry) => {
      const repaired = repairEntry(guard, entry, loss);
      // In another list, because an entry may be a list itself.
      return repaired === undefined ? [] : [repaired];
    });
  });
}

/** Repairs an entry of a list or map. An entry that must be left out counts as one value, whatever is wrong in it. */
function repairEntry<T>(guard: Guard<T>, entry: unknown, loss: RepairLoss): T | undefined {
  const entryLoss = { values: 0 };
  const repaired = repair(guard, entry, entryLoss);
  loss.values += repaired === undefined ? 1 : entryLoss.values;
  return repaired;
}

/** An object used as a dictionary: each key is a text and each value is accepted by the schema. */
export function map<T>(guard: Guard<T>): Guard<Readonly<Record<string, T>>> {
  const accepts = (value: unknown): value is Readonly<Record<string, T>> => {
    if (!isRecord(value)) return false;
    for (const key of Object.keys(value)) if (!text(key) || !guard(value[key])) return false;
    return true;
  };
  return repairable(accepts, (value, loss) => {
    if (!isRecord(value)) return undefined;
    const entries = Object.entries(value).flatMap(([key, entry]) => {
      const repaired = repairEntry(guard, entry, loss);
      return repaired === undefined ? [] : [[repair(text, key, loss) ?? '', repaired] as const];
    });
    return Object.fromEntries(entries);
  });
}

type Shape = Readonly<Record<string, Guard<unknown>>>;
type OptionalKeys<S> = { [K in keyof S]: S[K] extends OptionalGuard<unknown> ? K : never }[keyof S];
// Mapped over a type parameter `K extends keyof S`, as in `Pick`, because only then do editors show the shape's comments.
type RequiredProperties<S, K extends keyof S> = { readonly [P in K]: Infer<S[P]> };
type OptionalProperties<S, K extends keyof S> = { readonly [P in K]?: Infer<S[P]> };
type Flatten<T> = { readonly [K in keyof T]: T[K] };
/** Type of the objects with the properties of a shape. */
export type Properties<S> = Flatten<
  RequiredProperties<S, Exclude<keyof S, OptionalKeys<S>>> & OptionalProperties<S, OptionalKeys<S>>
>;

/** An object with these properties. */
export function object<S extends Shape>(shape: S): Guard<Properties<S>> {
  const keys = Object.keys(shape);
  const guards = Object.values(shape);
  const accepts = (value: unknown): value is Properties<S> => {
    if (!isRecord(value)) return false;
    for (let index = 0; index < keys.length; index++) {
      if (!(guards[index] as Guard<unknown>)(value[keys[index] as string])) return false;
    }
    return true;
  };
  return repairable(accepts, (value, loss) => {
    if (!isRecord(value)) return undefined;
    const result: Record<string, unknown> = {};
    for (const key of keys) {
      const guard = shape[key] as Guard<unknown>;
      const isAbsent = value[key] === undefined && guard(undefined);
      const repaired = isAbsent ? undefined : repair(guard, value[key], loss);
      if (repaired !== undefined) result[key] = repaired;
      else if (!guard(undefined)) return undefined;
      else if (!isAbsent) loss.values++;
    }
    return result as Properties<S>;
  });
}

type Tagged<K extends string, V> = {
  [T in keyof V]: Flatten<{ readonly [P in K]: T } & Properties<V[T]>>;
}[keyof V];

/** A union of object types that differ in the value of the property `tag`. */
export function tagged<K extends string, V extends Readonly<Record<string, Shape>>>(
  tag: K,
  variants: V,
): Guard<Tagged<K, V>> {
  const guards = new Map<unknown, Guard<unknown>>(
    Object.entries(variants).map(([name, shape]) => [name, object(shape)] as const),
  );
  return (value): value is Tagged<K, V> => {
    if (!isRecord(value)) return false;
    const guard = guards.get(value[tag]);
    return guard?.(value) ?? false;
  };
}
