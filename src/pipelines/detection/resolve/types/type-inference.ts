/** Selects the signature of a call and derives the values of its type parameters. */
import type { FactsDefinition } from '../../extract/facts.ts';
import type { FileUnit } from '../file-unit.ts';
import type { NameResolver } from '../name-resolver.ts';
import type { ResolvedValue, TypeArguments } from '../value.ts';
import { containerTypes } from './native-types.ts';
import { parseType } from './parse-type.ts';
import type { TypeNode } from './type-node.ts';

type Value = ResolvedValue | undefined;

export interface Signature {
  readonly unit: FileUnit;
  readonly definition: FactsDefinition;
}

/** Deeper types do not matter for the values of type parameters. */
const maxDepth = 6;

export class TypeInference {
  readonly #names: NameResolver;

  constructor(names: NameResolver) {
    this.#names = names;
  }

  /** Returns the signatures that accept a number of arguments. */
  selectSignatures(unit: FileUnit, definition: FactsDefinition, count: number): Signature[] {
    const overloads = definition.overloads?.map((index) => unit.definition(index)) ?? [definition];
    const fitting = overloads.filter(({ parameters = [] }) => {
      const required = parameters.filter(({ form }) => form === undefined).length;
      const isOpen = parameters.some(({ form }) => form === 'rest');
      return count >= required && (isOpen || count <= parameters.length);
    });
    return (fitting.length > 0 ? fitting : overloads).map((overload) => ({ unit, definition: overload }));
  }

  /** Returns the type arguments of a call: those that are written, and those that follow from the arguments. */
  bindTypes(
    signature: Signature,
    args: readonly Value[],
    explicit: readonly Value[] | undefined,
    outer: TypeArguments | undefined,
  ): TypeArguments | undefined {
    const { typeParameters } = signature.definition;
    if (!typeParameters) return outer;
    const inferred = new Map<string, Value>(outer);
    // A call signature of an interface also has the type parameters of the interface, whose values are known.
    const isOwn = signature.definition.form !== 'interface' && signature.definition.form !== 'alias';
    const names = new Set(typeParameters.map(({ name }) => name).filter((name) => isOwn || !inferred.get(name)));
    for (const name of names) inferred.delete(name);
    if (explicit) for (const [index, { name }] of typeParameters.entries()) inferred.set(name, explicit[index]);
    else this.infer(signature, args, names, inferred);
    for (const { name, constraint, initial } of typeParameters) {
      if (inferred.get(name)) continue;
      const text = initial ?? constraint;
      const { unit, definition } = signature;
      inferred.set(
        name,
        text === undefined ? undefined : this.#names.types.resolve(unit, definition.scope, text, inferred),
      );
    }
    return inferred;
  }

  /** Adds the type parameters that follow from the arguments of a call to `inferred`. */
  infer(
    { unit, definition }: Signature,
    args: readonly Value[],
    names: ReadonlySet<string>,
    inferred: Map<string, Value>,
  ): void {
    for (const [index, { type, form }] of definition.parameters?.entries() ?? []) {
      if (type === undefined) continue;
      const node = parseType(type, unit.isPython);
      const isRest = form === 'rest' && node.kind === 'array';
      for (const arg of isRest ? args.slice(index) : [args[index]]) {
        if (arg) this.unify(isRest ? node.item : node, arg, names, inferred, 0);
      }
    }
  }

  /** Derives type parameters from a value that has the type. */
  unify(
    type: TypeNode,
    value: ResolvedValue,
    names: ReadonlySet<string>,
    inferred: Map<string, Value>,
    depth = 0,
  ): void {
    if (depth > maxDepth) return;
    const next = (node: TypeNode | undefined, part: Value): void => {
      if (node && part) this.unify(node, part, names, inferred, depth + 1);
    };
    switch (type.kind) {
      case 'reference': {
        const [name = ''] = type.names;
        if (type.names.length === 1 && names.has(name)) {
          if (!inferred.get(name)) inferred.set(name, value);
          return;
        }
        if (value.kind === 'container') {
          const described = containerTypes.ecmascript[name] ?? containerTypes.python[name];
          if (described?.type === value.type)
            for (const [index, arg] of described.args.entries()) next(type.args[arg], value.args[index]);
        } else if (value.kind === 'instance' && value.types) {
          const parameters = value.unit.definition(value.index).typeParameters ?? [];
          for (const [index, parameter] of parameters.entries())
            next(type.args[index], value.types.get(parameter.name));
        }
        // `Type<T>` and `new () => T` take the class itself.
        if ((name === 'type' || name === 'Type') && value.kind === 'definition')
          next(type.args[0], this.#names.calls.instanceOf(value));
        return;
      }
      case 'array':
        if (value.kind === 'container') next(type.item, value.args[0]);
        return;
      case 'tuple':
        if (value.kind === 'container')
          for (const [index, part] of type.parts.entries()) next(part, value.items?.[index] ?? value.args[0]);
        return;
      case 'union':
      case 'intersection':
        for (const part of type.parts) next(part, value);
        return;
      case 'function': {
        const args = type.parameters.map(() => undefined);
        next(
          type.returns,
          type.constructs ? this.#names.calls.construct(value, []) : this.#names.calls.resultOf(value, args),
        );
        return;
      }
      default:
        return;
    }
  }
}
