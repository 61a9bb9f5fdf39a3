/** Methods that return their receiver, which may be an instance of a subclass. */
import { unknown } from '../extract/facts/expression.ts';
import type { Variable } from '../extract/facts.ts';
import type { FileUnit } from './file-unit.ts';
import type { ResolvedValue } from './value.ts';

/** Returns whether all returned values of a method are its receiver. */
export function returnsReceiver({ facts, isPython }: FileUnit, results: readonly Variable[]): boolean {
  const receiver = isPython ? 'self' : 'this';
  return results.every(({ value = unknown }) => {
    const node = facts.expressions[value];
    return node?.[0] === 'name' && node[1] === receiver;
  });
}

/** Returns whether all returned values of a class method are instances of the class that it is called on. */
export function returnsOwnInstance({ facts, isPython }: FileUnit, results: readonly Variable[]): boolean {
  return (
    isPython &&
    results.every(({ value = unknown }) => {
      const node = facts.expressions[value];
      const callee = node?.[0] === 'call' ? facts.expressions[node[1]] : undefined;
      return callee?.[0] === 'name' && callee[1] === 'cls';
    })
  );
}

/** Returns the receiver of a call with `super` as the instance that it is. */
export function withoutAbove(value: ResolvedValue): ResolvedValue {
  if (value.kind !== 'instance' || !value.above) return value;
  const { above: _, ...instance } = value;
  return instance;
}
