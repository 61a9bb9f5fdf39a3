/** Derives the results of calls and the types that functions expect of their arguments. */
import type { FactsDefinition } from '../extract/facts.ts';
import type { FileUnit } from './file-unit.ts';
import type { NameResolver } from './name-resolver.ts';
import { returnsOwnInstance, returnsReceiver, withoutAbove } from './returned-receiver.ts';
import { externalResults } from './types/external-results.ts';
import { globalResult, type NativeContext, nativeResult } from './types/native-members.ts';
import { containerTypes } from './types/native-types.ts';
import { type Signature, TypeInference } from './types/type-inference.ts';
import type { TypeNode } from './types/type-node.ts';
import {
  builtin,
  container,
  either,
  isSame,
  type LocatedValue,
  type ResolvedValue,
  type TypeArguments,
} from './value.ts';

type Value = ResolvedValue | undefined;

export class CallResolver {
  readonly #names: NameResolver;
  readonly inference: TypeInference;
  readonly #results = new Map<FactsDefinition, Value>();
  readonly #ecmascript: NativeContext;
  readonly #python: NativeContext;

  constructor(names: NameResolver) {
    this.#names = names;
    this.inference = new TypeInference(names);
    const context = (isPython: boolean): NativeContext => ({
      resultOf: (callable, args) => this.resultOf(callable, args),
      iterate: (value) => names.members.iterate(value, false, isPython),
      await: (value) => names.members.await(value),
      instanceOf: (value) => this.instanceOf(value),
    });
    this.#ecmascript = context(false);
    this.#python = context(true);
  }

  /** Returns the result of a call, or undefined if it is unknown. */
  resultOf(
    callee: ResolvedValue,
    args: readonly Value[] = [],
    explicit?: readonly Value[],
    owner?: Value,
    isPython = false,
  ): Value {
    const receiver = owner ?? ('receiver' in callee ? callee.receiver : undefined);
    switch (callee.kind) {
      case 'external':
        return externalResults[callee.name ?? '']?.(args[0], explicit?.[0]) ?? { kind: 'external' };
      case 'builtin':
        return builtin;
      case 'global':
        return globalResult(callee.name, args, isPython ? this.#python : this.#ecmascript);
      case 'native':
        return nativeResult(callee, args, isPython ? this.#python : this.#ecmascript);
      case 'callable':
        return this.#resolveReturn(callee.unit, callee.scope, callee.type, callee.types, args);
      case 'either':
        return either(callee.values.map((value) => this.resultOf(value, args, explicit, receiver, isPython)));
      case 'all':
        return firstOf(callee.values, (value) => this.resultOf(value, args, explicit, receiver, isPython));
      case 'definition':
        return this.#resultOfDefinition(callee, args, explicit, receiver);
      case 'instance': {
        if (callee.unit.isPython) {
          const method = this.#names.members.resolve(callee, '__call__');
          return method && this.resultOf(method, args, undefined, callee);
        }
        return this.#resultOfSignature(callee, args, explicit, callee.types);
      }
      default:
        return undefined;
    }
  }

  #resultOfDefinition(
    callee: Extract<ResolvedValue, { kind: 'definition' }>,
    args: readonly Value[],
    explicit: readonly Value[] | undefined,
    receiver: Value,
  ): Value {
    const definition = callee.unit.definition(callee.index);
    if (definition.form === 'class') return callee.unit.isPython ? this.#construct(callee, args, explicit) : undefined;
    if (definition.replaced && !definition.fixture) return undefined;
    const types = new Map(callee.types);
    if (receiver) types.set('this', receiver);
    return this.#resultOfSignature(callee, args, explicit, types);
  }

  /** Returns the instance that a construction yields. */
  construct(callee: ResolvedValue, args: readonly Value[], explicit?: readonly Value[]): Value {
    switch (callee.kind) {
      case 'definition':
        return this.#construct(callee, args, explicit);
      case 'instance': {
        const { constructs, scope, body } = callee.unit.definition(callee.index);
        if (constructs === undefined) return undefined;
        return this.#names.types.resolve(callee.unit, body ?? scope, constructs, callee.types);
      }
      case 'callable':
        return this.#resolveReturn(callee.unit, callee.scope, callee.type, callee.types, args);
      case 'global': {
        const described = containerTypes.ecmascript[callee.name];
        if (!described) return builtin;
        const [first] = args;
        const isCopy = explicit === undefined && first !== undefined && described.type !== 'Promise';
        const item = isCopy ? this.#names.members.iterate(first, false, false) : undefined;
        if (isCopy && described.type === 'Map' && item?.kind === 'container')
          return container('Map', ...(item.items ?? []));
        const values = explicit ?? (isCopy ? [item] : []);
        return container(described.type, ...described.args.map((index) => values[index]));
      }
      case 'either':
        return either(callee.values.map((value) => this.construct(value, args, explicit)));
      case 'external':
      case 'builtin':
        return callee;
      default:
        return undefined;
    }
  }

  #construct(
    callee: Extract<ResolvedValue, { kind: 'definition' }>,
    args: readonly Value[],
    explicit?: readonly Value[],
  ): Value {
    const { unit, index } = callee;
    const definition = unit.definition(index);
    if (definition.form === 'function' || definition.form === 'lambda' || definition.form === 'method')
      return undefined;
    let types = callee.types;
    if (definition.typeParameters) {
      const present = explicit ?? this.#inferConstruction(callee, definition, args);
      types = this.#names.types.bindTypeArguments(unit, definition, present);
    }
    return { kind: 'instance', unit, index, ...(types ? { types } : {}) };
  }

  #inferConstruction(
    callee: Extract<ResolvedValue, { kind: 'definition' }>,
    definition: FactsDefinition,
    args: readonly Value[],
  ): Value[] {
    const member = definition.members?.find(([name]) => name === 'constructor')?.[1];
    if (member === undefined) return [];
    const inferred = new Map<string, Value>();
    const names = new Set(definition.typeParameters?.map(({ name }) => name));
    this.inference.infer({ unit: callee.unit, definition: callee.unit.definition(member) }, args, names, inferred);
    return definition.typeParameters?.map(({ name }) => inferred.get(name)) ?? [];
  }

  /** Returns an instance of a class value. */
  instanceOf(value: ResolvedValue): Value {
    if (value.kind === 'definition') return this.#construct(value, []);
    return value.kind === 'external' || value.kind === 'builtin' ? value : this.construct(value, []);
  }

  #resultOfSignature(
    callee: LocatedValue,
    args: readonly Value[],
    explicit: readonly Value[] | undefined,
    outer: TypeArguments | undefined,
  ): Value {
    const definition = callee.unit.definition(callee.index);
    if (callee.kind === 'instance' && !definition.callable) {
      return this.inheritedSignature(callee, (base) => this.resultOf(base, args, explicit));
    }
    const results = this.inference
      .selectSignatures(callee.unit, definition, args.length)
      .map((signature) => this.#resultOf(signature, args, explicit, outer));
    const [first] = results;
    // Overloads that differ in their results cannot be told apart without the types of the arguments.
    return first && results.every((result) => result && isSame(result, first)) ? first : undefined;
  }

  /** Finds a call signature in the base interfaces. */
  inheritedSignature(value: LocatedValue, find: (base: ResolvedValue) => Value): Value {
    const definition = value.unit.definition(value.index);
    for (const position of definition.bases?.keys() ?? []) {
      const base = this.#names.members.resolveBase(value.unit, definition, position, value.types);
      const hit = base && base.kind !== 'external' && find(base);
      if (hit) return hit;
    }
    return undefined;
  }

  #resultOf(
    signature: Signature,
    args: readonly Value[],
    explicit: readonly Value[] | undefined,
    outer: TypeArguments | undefined,
  ): Value {
    const { unit, definition } = signature;
    const { returns, results, scope, body, generator, manager } = definition;
    const async = definition.async ?? definition.coroutine;
    let value: Value;
    if (returns !== undefined) {
      const types = this.inference.bindTypes(signature, args, explicit, outer);
      value = this.#names.types.resolve(unit, body ?? scope, returns, types);
      if (definition.fixture && generator) return value && this.#names.members.iterate(value, false, true);
      if (async && unit.isPython && !generator) value = container('Promise', value);
      if (manager) return container('Manager', value && this.#names.members.iterate(value, false, unit.isPython));
      return value;
    }
    if (!results) return undefined;
    const receiver = outer?.get('this');
    value = receiver && returnsReceiver(unit, results) ? withoutAbove(receiver) : undefined;
    if (receiver?.kind === 'definition' && definition.static && returnsOwnInstance(unit, results))
      value = this.instanceOf(receiver);
    value ??= this.#names.memo.get(this.#results, definition, () =>
      either(results.map((result) => this.#names.resolveBinding(unit, result))),
    );
    if (value?.kind === 'definition' && definition.typeParameters) {
      // The literal that is returned refers to the type parameters of the function.
      const types = this.inference.bindTypes(signature, args, explicit, outer);
      if (types) value = { ...value, types };
    }
    if (manager) return container('Manager', value);
    if (generator && !definition.fixture) return container('Array');
    return async ? container('Promise', value && this.#names.members.await(value)) : value;
  }

  #resolveReturn(
    unit: FileUnit,
    scope: number,
    type: Extract<TypeNode, { kind: 'function' }>,
    outer: TypeArguments | undefined,
    args: readonly Value[],
  ): Value {
    let types = outer;
    if (type.typeParameters.length > 0) {
      const inferred = new Map<string, Value>(outer);
      const names = new Set(type.typeParameters);
      for (const name of names) inferred.set(name, undefined);
      for (const [index, parameter] of type.parameters.entries()) {
        const arg = args[index];
        if (arg) this.inference.unify(parameter, arg, names, inferred, 0);
      }
      types = inferred;
    }
    return this.#names.types.resolveNode(unit, scope, type.returns, types);
  }
}

/** Returns the first value that is found for one of several values. */
export function firstOf(values: readonly ResolvedValue[], find: (value: ResolvedValue) => Value): Value {
  for (const value of values) {
    const hit = find(value);
    if (hit) return hit;
  }
  return undefined;
}
