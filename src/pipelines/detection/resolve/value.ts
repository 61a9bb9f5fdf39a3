/** Values that expressions resolve to. */
import type { FileUnit } from './file-unit.ts';
import type { TypeNode } from './types/type-node.ts';

/** Values of type parameters by name; undefined if a value is unknown. */
export type TypeArguments = ReadonlyMap<string, ResolvedValue | undefined>;

export type ResolvedValue =
  /** A function, a class or another definition itself. `isDynamic` marks the class of an instance, which may be a subclass, and a default. */
  | {
      readonly kind: 'definition';
      readonly unit: FileUnit;
      readonly index: number;
      readonly types?: TypeArguments;
      readonly isDynamic?: true;
      /** Receiver of a method. */
      readonly receiver?: ResolvedValue;
    }
  /** An instance of a class or interface. `above` marks `super`, which only has the members of the base classes. */
  | {
      readonly kind: 'instance';
      readonly unit: FileUnit;
      readonly index: number;
      readonly types?: TypeArguments;
      readonly above?: true;
    }
  | {
      readonly kind: 'module';
      readonly unit?: FileUnit;
      readonly folder?: string;
      readonly others?: readonly FileUnit[];
    }
  /** A value from a module outside of the workspace. All its members and results are external too. */
  | { readonly kind: 'external'; readonly name?: string }
  /** A value of the language or its runtime, without more details. */
  | { readonly kind: 'builtin' }
  /** A global name of the language, such as `Promise` or `sorted`. */
  | { readonly kind: 'global'; readonly name: string }
  /** An instance of a built-in generic type. A tuple is an array with `items`. */
  | {
      readonly kind: 'container';
      readonly type: ContainerType;
      readonly args: readonly (ResolvedValue | undefined)[];
      readonly items?: readonly (ResolvedValue | undefined)[];
    }
  /** A method of a container or of a global. */
  | { readonly kind: 'native'; readonly receiver: ResolvedValue; readonly name: string }
  /** Type that a native method expects for an argument. */
  | { readonly kind: 'callback'; readonly native: ResolvedValue; readonly index: number }
  /** A value of a function type. */
  | {
      readonly kind: 'callable';
      readonly unit: FileUnit;
      readonly scope: number;
      readonly type: Extract<TypeNode, { kind: 'function' }>;
      readonly types: TypeArguments | undefined;
    }
  /** A value of an object type in a comment. */
  | {
      readonly kind: 'record';
      readonly unit: FileUnit;
      readonly scope: number;
      readonly members: ReadonlyMap<string, TypeNode>;
      readonly types: TypeArguments | undefined;
    }
  | { readonly kind: 'either'; readonly values: readonly ResolvedValue[] }
  /** A value that has the members of all of these. */
  | { readonly kind: 'all'; readonly values: readonly ResolvedValue[] };

/**
 * - `Array`: sequence or iterator of its argument
 * - `Map`: map from its first to its second argument
 * - `Record`: object whose members have the type of its argument
 * - `Promise`: promise or coroutine
 * - `Manager`: context manager of Python
 */
export type ContainerType = 'Array' | 'Map' | 'Set' | 'Record' | 'Promise' | 'Manager';

export type LocatedValue = Extract<ResolvedValue, { readonly unit: FileUnit; readonly index: number }>;

export const external: ResolvedValue = { kind: 'external' };
export const builtin: ResolvedValue = { kind: 'builtin' };

export function container(type: ContainerType, ...args: (ResolvedValue | undefined)[]): ResolvedValue {
  return { kind: 'container', type, args };
}

export function tuple(items: readonly (ResolvedValue | undefined)[]): ResolvedValue {
  const present = items.filter((item) => item !== undefined);
  return {
    kind: 'container',
    type: 'Array',
    args: [present.length === items.length ? either(present) : undefined],
    items,
  };
}

/** Returns one value for several. Values of unknown primitives are left out if there are others. */
export function either(values: readonly (ResolvedValue | undefined)[]): ResolvedValue | undefined {
  const flat = values.flatMap((value) => (value?.kind === 'either' ? value.values : value ? [value] : []));
  const relevant = flat.filter(({ kind }) => kind !== 'builtin');
  const parts: ResolvedValue[] = [];
  for (const value of relevant) if (!parts.some((other) => isSame(other, value))) parts.push(value);
  if (parts.length === 0) return flat[0];
  return parts.length === 1 ? parts[0] : { kind: 'either', values: parts };
}

/** Returns whether two values are the same definition, or instances of the same one. */
export function isSame(a: ResolvedValue, b: ResolvedValue): boolean {
  if (a === b) return true;
  if ('index' in a && 'index' in b && 'unit' in a && 'unit' in b) {
    return a.kind === b.kind && a.unit === b.unit && a.index === b.index;
  }
  if (a.kind === 'container' && b.kind === 'container') {
    return (
      a.type === b.type &&
      a.args.length === b.args.length &&
      a.args.every((arg, index) => arg === b.args[index] || (arg && b.args[index] && isSame(arg, b.args[index])))
    );
  }
  return a.kind === b.kind && (a.kind === 'external' || a.kind === 'builtin');
}
