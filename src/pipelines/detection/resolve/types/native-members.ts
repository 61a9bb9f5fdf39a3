/** Members of built-in types and functions whose results or callbacks depend on the values in a container. */
import { builtin, container, either, type ResolvedValue, tuple } from '../value.ts';

type Native = Extract<ResolvedValue, { kind: 'native' }>;
type Container = Extract<ResolvedValue, { kind: 'container' }>;
type Value = ResolvedValue | undefined;

/** Operations on values that natives need. */
export interface NativeContext {
  readonly resultOf: (callable: ResolvedValue, args: readonly Value[]) => Value;
  readonly iterate: (value: ResolvedValue) => Value;
  readonly await: (value: ResolvedValue) => Value;
  readonly instanceOf: (value: ResolvedValue) => Value;
}

type Result = (receiver: Container, args: readonly Value[], context: NativeContext) => Value;

const item: Result = ({ args }) => args[0];
const second: Result = ({ args }) => args[1];
const self: Result = (receiver) => receiver;
const keys: Result = ({ args }) => container('Array', args[0]);
const values: Result = ({ args }) => container('Array', args[1]);
const pairs: Result = ({ args }) => container('Array', tuple([args[0], args[1]]));
const promised = (value: Value, context: NativeContext): Value => container('Promise', value && context.await(value));
const called = (callback: Value, args: readonly Value[], context: NativeContext): Value =>
  callback && context.resultOf(callback, args);

const table = <T>(...rows: readonly (readonly [names: string, value: T])[]): Readonly<Record<string, T | undefined>> =>
  Object.assign(
    Object.create(null) as Record<string, T>,
    ...rows.map(([names, value]) => Object.fromEntries(names.split(' ').map((name) => [name, value]))),
  );

/** Results of methods by type of the container. The names of JavaScript and Python do not contradict each other. */
const methods: Readonly<Record<Container['type'], Readonly<Record<string, Result | undefined>>>> = {
  Array: table<Result>(
    ['at find findLast shift popleft', item],
    ['pop', item],
    ['filter slice concat reverse sort splice toSorted toReversed toSpliced with copy values fill copyWithin', self],
    ['keys', () => container('Array', builtin)],
    ['entries', ({ args }) => container('Array', tuple([builtin, args[0]]))],
    ['next __next__', item],
    ['map', ({ args }, [callback], context) => container('Array', called(callback, [args[0]], context))],
    [
      'flatMap',
      ({ args }, [callback], context) => {
        const result = called(callback, [args[0]], context);
        return container('Array', result?.kind === 'container' ? result.args[0] : result);
      },
    ],
    ['flat', ({ args: [first] }) => (first?.kind === 'container' ? first : container('Array', first))],
    ['reduce reduceRight', (_receiver, [callback, initial], context) => initial ?? called(callback, [], context)],
  ),
  Set: table<Result>(
    ['add copy union intersection difference symmetric_difference', self],
    ['values keys', (receiver) => container('Array', receiver.args[0])],
    ['pop', item],
  ),
  Map: table<Result>(
    ['get setdefault __getitem__', second],
    ['pop', second],
    ['set copy', self],
    ['keys', keys],
    ['values', values],
    ['entries items', pairs],
    ['popitem', ({ args }) => tuple([args[0], args[1]])],
  ),
  Record: table<Result>(),
  Promise: table<Result>(
    ['then', ({ args }, [callback], context) => promised(called(callback, [args[0]], context), context)],
    ['catch finally', self],
    ['result', item],
  ),
  Manager: table<Result>(['__enter__ __aenter__', item]),
};

/** Arguments of callbacks by method. */
const callbacks: Readonly<Record<string, ((receiver: Container) => readonly Value[]) | undefined>> = table(
  [
    'forEach map filter find findIndex findLast findLastIndex some every flatMap',
    (receiver: Container): readonly Value[] => [
      receiver.type === 'Map' ? receiver.args[1] : receiver.args[0],
      builtin,
      receiver,
    ],
  ],
  ['sort toSorted', ({ args }: Container): readonly Value[] => [args[0], args[0]]],
  ['reduce reduceRight', ({ args }: Container): readonly Value[] => [undefined, args[0]]],
  ['then', ({ args }: Container): readonly Value[] => [args[0]]],
);

type GlobalResult = (args: readonly Value[], context: NativeContext) => Value;

const listed: GlobalResult = ([first], context) => container('Array', first && context.iterate(first));
const firstArgument: GlobalResult = ([first]) => first;
const iterated: GlobalResult = ([first], context) => first && context.iterate(first);
const awaitedItems: GlobalResult = ([first], context) => {
  if (first?.kind !== 'container') return container('Promise');
  const parts = first.items?.map((part) => part && context.await(part));
  if (parts) return container('Promise', tuple(parts));
  const [each] = first.args;
  return container('Promise', container('Array', each && context.await(each)));
};

/** Results of global functions. */
const globals: Readonly<Record<string, GlobalResult | undefined>> = table<GlobalResult>(
  [
    'Array.from',
    ([first, callback], context) => {
      const each = first && context.iterate(first);
      return container('Array', callback ? called(callback, [each], context) : each);
    },
  ],
  ['Array.of', (args) => container('Array', either(args))],
  [
    'Object.values',
    ([first]) =>
      first?.kind === 'container' && first.type === 'Record' ? container('Array', first.args[0]) : container('Array'),
  ],
  [
    'Object.entries',
    ([first]) =>
      container(
        'Array',
        tuple([builtin, first?.kind === 'container' && first.type === 'Record' ? first.args[0] : undefined]),
      ),
  ],
  ['Object.keys', () => container('Array', builtin)],
  ['Object.freeze Object.seal Object.preventExtensions structuredClone', firstArgument],
  [
    'Object.assign',
    (args) => {
      const present = args.filter((arg) => arg !== undefined);
      return present.length > 1 ? { kind: 'all', values: present } : present[0];
    },
  ],
  ['Object.create', () => undefined],
  ['JSON.parse', () => undefined],
  ['Promise.all', awaitedItems],
  ['Promise.race Promise.any', ([first], context) => promised(first && context.iterate(first), context)],
  ['Promise.resolve', ([first], context) => promised(first, context)],
  ['Promise.reject', () => container('Promise')],
  ['list tuple sorted reversed iter', listed],
  ['set frozenset', ([first], context) => container('Set', first && context.iterate(first))],
  ['dict', ([first]) => (first?.kind === 'container' && first.type === 'Map' ? first : container('Map'))],
  ['next aiter anext', iterated],
  ['min max', ([first, other], context) => (other ? either([first, other]) : first && context.iterate(first))],
  ['enumerate', ([first], context) => container('Array', tuple([builtin, first && context.iterate(first)]))],
  ['zip', (args, context) => container('Array', tuple(args.map((arg) => arg && context.iterate(arg))))],
  ['filter', ([, list], context) => container('Array', list && context.iterate(list))],
  [
    'map',
    ([callback, list], context) => container('Array', called(callback, [list && context.iterate(list)], context)),
  ],
  [
    'type',
    ([first]) =>
      first?.kind === 'instance' ? ({ ...first, kind: 'definition', isDynamic: true } as ResolvedValue) : undefined,
  ],
  ['getattr eval input vars globals locals __import__ object', () => undefined],
);

/** Returns whether the result or the callbacks of a member are known. */
export function isNativeMember(value: ResolvedValue, name: string): boolean {
  if (value.kind === 'container') return methods[value.type][name] !== undefined || callbacks[name] !== undefined;
  return value.kind === 'global' && globals[`${value.name}.${name}`] !== undefined;
}

/** Returns the value in a container. */
export function nativeItem({ type, args, items }: Container, key?: number | string): Value {
  if (items && typeof key === 'number') return items[key];
  return type === 'Map' ? args[1] : args[0];
}

export function nativeResult({ receiver, name }: Native, args: readonly Value[], context: NativeContext): Value {
  if (receiver.kind === 'container') {
    const result = methods[receiver.type][name];
    return result ? result(receiver, args, context) : builtin;
  }
  return receiver.kind === 'global' ? globals[`${receiver.name}.${name}`]?.(args, context) : builtin;
}

/** Returns the result of a global function, or a primitive value if that does not matter. */
export function globalResult(name: string, args: readonly Value[], context: NativeContext): Value {
  const result = globals[name];
  return result ? result(args, context) : builtin;
}

/** Returns the arguments with which a native calls its callback. */
export function callbackArguments(native: ResolvedValue): readonly Value[] {
  if (native.kind !== 'native' || native.receiver.kind !== 'container') return [];
  return callbacks[native.name]?.(native.receiver) ?? [];
}
