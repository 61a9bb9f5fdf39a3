/** Derives the values of expressions. */
import { type Expression, unknown } from '../extract/facts/expression.ts';
import type { FileUnit } from './file-unit.ts';
import type { NameResolver } from './name-resolver.ts';
import { resultOfOperation } from './operation-resolver.ts';
import { container, either, external, type ResolvedValue, tuple } from './value.ts';

type Value = ResolvedValue | undefined;

/** Returns the value of `super(C, self)`, which has the members of the base classes of `C`. */
function above(value: Value): Value {
  return value?.kind === 'definition'
    ? { kind: 'instance', unit: value.unit, index: value.index, above: true }
    : undefined;
}

export class ExpressionResolver {
  readonly #names: NameResolver;
  readonly #values = new Map<FileUnit, Map<number, Value>>();

  constructor(names: NameResolver) {
    this.#names = names;
  }

  /** Returns the value of an expression of a file, or undefined if it is unknown. */
  resolve(unit: FileUnit, scope: number, expression: Expression): Value {
    if (expression === unknown) return undefined;
    let cache = this.#values.get(unit);
    if (!cache) {
      cache = new Map();
      this.#values.set(unit, cache);
    }
    const key = scope * unit.facts.expressions.length + expression;
    return this.#names.memo.get(cache, key, () => this.#resolve(unit, scope, expression));
  }

  #resolve(unit: FileUnit, scope: number, expression: Expression): Value {
    const node = unit.facts.expressions[expression];
    if (!node) return undefined;
    const names = this.#names;
    const resolve = (part: Expression): Value => this.resolve(unit, scope, part);
    const resolveTypes = (types: readonly string[] | undefined): Value[] | undefined =>
      types?.map((type) => names.types.resolve(unit, scope, type));
    switch (node[0]) {
      case 'name':
        return this.resolveHead(unit, scope, node[1]);
      case 'member': {
        const object = resolve(node[1]);
        return object && names.members.resolveValue(object, node[2]);
      }
      case 'call': {
        const [, callee, args, types] = node;
        if (unit.isPython && this.#isSuper(unit, callee))
          return args.length === 0 ? this.#resolveSuper(unit, scope) : above(resolve(args[0] as Expression));
        const created = unit.isPython ? this.#resolveNew(unit, callee, args, resolve) : undefined;
        if (created) return created;
        const value = resolve(callee);
        // A function of the workspace may be named `cast` too, whose first argument is a value.
        const explicit = unit.isPython && value?.kind !== 'external' ? undefined : resolveTypes(types);
        return value && names.calls.resultOf(value, args.map(resolve), explicit, undefined, unit.isPython);
      }
      case 'new': {
        const value = resolve(node[1]);
        return value && names.calls.construct(value, node[2].map(resolve), resolveTypes(node[3]));
      }
      case 'item': {
        const object = resolve(node[1]);
        return object && names.members.itemOf(object, node[2]);
      }
      case 'await': {
        const value = resolve(node[1]);
        return value && names.members.await(value);
      }
      case 'of': {
        const value = resolve(node[1]);
        const item = value && names.members.iterate(value, node[2] === true, unit.isPython);
        return item && node[2] ? names.members.await(item) : item;
      }
      case 'as':
        return names.types.resolve(unit, scope, node[1]);
      case 'either':
        return either(node.slice(1).map((part) => resolve(part as Expression)));
      case 'first':
        return node.slice(1).reduce<Value>((hit, part) => hit ?? resolve(part as Expression), undefined);
      case 'function':
      case 'object':
        return { kind: 'definition', unit, index: node[1] };
      case 'list': {
        const items = node.slice(1).map((part) => resolve(part as Expression));
        return items.length === 0 ? container('Array') : tuple(items);
      }
      case 'module': {
        const value = names.resolveModule(unit, node[1]);
        return node[2] ? container('Promise', value ?? external) : value;
      }
      case 'argument': {
        const value = resolve(node[1]);
        const args = node[3].map((part, index) => (index === node[2] ? undefined : resolve(part)));
        return value && names.args.argumentOf(value, node[2], args, resolveTypes(node[4]));
      }
      case 'parameter': {
        const value = resolve(node[1]);
        return value && names.args.parameterOf(value, node[2]);
      }
      case 'returned': {
        const value = resolve(node[1]);
        const result = value && names.calls.resultOf(value);
        return result && names.members.await(result);
      }
      case 'operation':
        return resultOfOperation(names, node[1], resolve(node[2]), resolve(node[3]));
      case 'default': {
        const value = resolve(node[1]);
        return value?.kind === 'definition' ? { ...value, isDynamic: true } : value;
      }
      case 'fixture':
        return names.resolveFixture(unit, node[1]);
      case 'entered': {
        const value = resolve(node[1]);
        return value && names.members.enter(value);
      }
    }
  }

  /** Returns the result of `__new__`, which is an instance of its first argument. */
  #resolveNew(
    unit: FileUnit,
    callee: Expression,
    [first]: readonly Expression[],
    resolve: (part: Expression) => Value,
  ): Value {
    const node = unit.facts.expressions[callee];
    if (node?.[0] !== 'member' || node[2] !== '__new__' || first === undefined) return undefined;
    const owner = resolve(first);
    return owner?.kind === 'definition' ? this.#names.calls.instanceOf(owner) : undefined;
  }

  #isSuper(unit: FileUnit, callee: Expression): boolean {
    const node = unit.facts.expressions[callee];
    return node?.[0] === 'name' && node[1] === 'super';
  }

  /** Resolves a name, `this` or `super`. */
  resolveHead(unit: FileUnit, scope: number, head: string): Value {
    if (unit.isPython || (head !== 'this' && head !== 'super')) return this.#names.resolveName(unit, scope, head);
    const declared = head === 'this' ? this.#names.find(unit, scope, head)?.binding : undefined;
    if (declared && !('self' in declared)) return this.#names.resolveBinding(unit, declared);
    const enclosing = unit.facts.scopes[scope];
    if (!enclosing || enclosing.owner < 0) return undefined;
    if (head === 'super') return this.#resolveSuper(unit, scope);
    const { form } = unit.definition(enclosing.owner);
    return { kind: enclosing.static || form === 'object' ? 'definition' : 'instance', unit, index: enclosing.owner };
  }

  #resolveSuper(unit: FileUnit, scope: number): Value {
    const owner = unit.facts.scopes[scope]?.owner ?? -1;
    return owner < 0 ? undefined : { kind: 'instance', unit, index: owner, above: true };
  }
}
