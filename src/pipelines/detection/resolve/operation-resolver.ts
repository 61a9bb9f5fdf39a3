/** Derives the results of Python's operators, which classes define with methods such as `__add__` and `__radd__`. */
import type { NameResolver } from './name-resolver.ts';
import { builtin, either, type ResolvedValue } from './value.ts';

type Value = ResolvedValue | undefined;

/** @param method name of the operator's method without underscores */
export function resultOfOperation(names: NameResolver, method: string, left: Value, right: Value): Value {
  switch (left?.kind) {
    case 'instance': {
      const value = names.members.resolve(left, `__${method}__`);
      return value?.kind === 'definition' ? names.calls.resultOf(value, [right], undefined, left) : value;
    }
    case 'either':
      return either(left.values.map((value) => resultOfOperation(names, method, value, right)));
    case 'container':
      return left.type === 'Promise' || left.type === 'Manager' ? undefined : left;
    case 'builtin': {
      if (right?.kind !== 'instance') return right?.kind === 'builtin' ? builtin : undefined;
      const value = names.members.resolve(right, `__r${method}__`);
      return value?.kind === 'definition' ? names.calls.resultOf(value, [left], undefined, right) : undefined;
    }
    case 'external':
      return left;
    default:
      return undefined;
  }
}
