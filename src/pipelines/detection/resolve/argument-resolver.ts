/** Derives the values that functions expect as their arguments. */
import type { FactsDefinition } from '../extract/facts.ts';
import { firstOf } from './call-resolver.ts';
import type { NameResolver } from './name-resolver.ts';
import { callbackArguments } from './types/native-members.ts';
import { either, type LocatedValue, type ResolvedValue } from './value.ts';

type Value = ResolvedValue | undefined;

export class ArgumentResolver {
  readonly #names: NameResolver;

  constructor(names: NameResolver) {
    this.#names = names;
  }

  /** Returns a value of the type that a callee expects for an argument. */
  argumentOf(callee: ResolvedValue, index: number, args: readonly Value[], explicit?: readonly Value[]): Value {
    switch (callee.kind) {
      case 'external':
        return callee;
      case 'native':
        return { kind: 'callback', native: callee, index };
      case 'either':
        return either(callee.values.map((value) => this.argumentOf(value, index, args, explicit)));
      case 'all':
        return firstOf(callee.values, (value) => this.argumentOf(value, index, args, explicit));
      case 'callable': {
        const parameter = callee.type.parameters[index];
        return parameter && this.#names.types.resolveNode(callee.unit, callee.scope, parameter, callee.types);
      }
      case 'definition': {
        const definition = callee.unit.definition(callee.index);
        if (definition.form !== 'class') return this.#parameterOf(callee, definition, index, args, explicit);
        const method = this.#names.members.resolve({ ...callee, kind: 'instance' } as ResolvedValue, 'constructor');
        if (method?.kind !== 'definition') return undefined;
        const types = explicit && this.#names.types.bindTypeArguments(callee.unit, definition, explicit);
        const target = types ? { ...method, types } : method;
        return this.#parameterOf(target, target.unit.definition(target.index), index, args, undefined);
      }
      case 'instance': {
        const definition = callee.unit.definition(callee.index);
        if (!definition.callable)
          return this.#names.calls.inheritedSignature(callee, (base) => this.argumentOf(base, index, args, explicit));
        return this.#parameterOf(callee, definition, index, args, explicit);
      }
      default:
        return undefined;
    }
  }

  #parameterOf(
    callee: LocatedValue,
    definition: FactsDefinition,
    index: number,
    args: readonly Value[],
    explicit: readonly Value[] | undefined,
  ): Value {
    const outer = new Map(callee.types);
    if ('receiver' in callee && callee.receiver) outer.set('this', callee.receiver);
    const values = this.#names.calls.inference
      .selectSignatures(callee.unit, definition, Math.max(args.length, index + 1))
      .map((signature) => {
        const { parameters = [], body, scope } = signature.definition;
        const parameter = parameters[index] ?? (parameters.at(-1)?.form === 'rest' ? parameters.at(-1) : undefined);
        if (parameter?.type === undefined) return undefined;
        const types = this.#names.calls.inference.bindTypes(signature, args, explicit, outer);
        const value = this.#names.types.resolve(callee.unit, body ?? scope, parameter.type, types);
        return parameter.form === 'rest' && value ? this.#names.members.itemOf(value) : value;
      });
    return either(values);
  }

  /** Returns a value of the type that a function type has for a parameter. */
  parameterOf(callable: ResolvedValue, index: number): Value {
    if (callable.kind === 'callback')
      return callable.index === 0 ? callbackArguments(callable.native)[index] : undefined;
    return this.argumentOf(callable, index, []);
  }
}
