/** Types of the languages and their libraries whose arguments matter for the values in them. */
import type { ContainerType } from '../value.ts';

interface DescribedType {
  readonly type: ContainerType;
  /** Index of the type argument for each argument of the container. */
  readonly args: readonly number[];
}

const describe = (type: ContainerType, names: string, ...args: number[]): [string, DescribedType][] =>
  names.split(' ').map((name) => [name, { type, args }]);

type ByLanguage<T> = Readonly<Record<'ecmascript' | 'python', Readonly<Record<string, T | undefined>>>>;

export const containerTypes: ByLanguage<DescribedType> = {
  ecmascript: Object.fromEntries([
    ...describe(
      'Array',
      'Array ReadonlyArray ArrayLike Iterable Iterator IterableIterator AsyncIterable AsyncIterator AsyncIterableIterator Generator AsyncGenerator',
      0,
    ),
    ...describe('Set', 'Set ReadonlySet WeakSet', 0),
    ...describe('Map', 'Map ReadonlyMap WeakMap', 0, 1),
    ...describe('Record', 'Record', 1),
    ...describe('Promise', 'Promise PromiseLike', 0),
  ]),
  python: Object.fromEntries([
    ...describe(
      'Array',
      'list List Sequence MutableSequence Iterable Iterator Collection Container Deque deque Generator AsyncIterable AsyncIterator AsyncGenerator KeysView ValuesView Reversible',
      0,
    ),
    ...describe('Set', 'set Set frozenset FrozenSet AbstractSet MutableSet', 0),
    ...describe(
      'Map',
      'dict Dict Mapping MutableMapping DefaultDict defaultdict OrderedDict WeakValueDictionary WeakKeyDictionary ChainMap',
      0,
      1,
    ),
    ...describe('Promise', 'Awaitable Future Task', 0),
    ...describe('Promise', 'Coroutine', 2),
    ...describe('Manager', 'ContextManager AbstractContextManager AsyncContextManager AbstractAsyncContextManager', 0),
  ]),
};

/** Types that are treated like their type argument with this index. */
export const transparentTypes: ByLanguage<number> = {
  ecmascript: Object.fromEntries(
    'Readonly Partial Required NonNullable Awaited Pick Omit Exclude Extract NoInfer ThisType'
      .split(' ')
      .map((name) => [name, 0]),
  ),
  python: Object.fromEntries(
    'ClassVar Final Annotated Required NotRequired ReadOnly InitVar'.split(' ').map((name) => [name, 0]),
  ),
};

export const primitiveTypes: ReadonlySet<string> = new Set(
  'string number boolean bigint symbol void undefined null RegExp Date Function str int float bool bytes complex None'.split(
    ' ',
  ),
);
