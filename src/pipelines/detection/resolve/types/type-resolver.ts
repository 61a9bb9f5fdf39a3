/** Resolves types to the values that have them. */
import type { FactsDefinition } from '../../extract/facts.ts';
import type { FileUnit } from '../file-unit.ts';
import type { NameResolver } from '../name-resolver.ts';
import { builtin, container, either, external, type ResolvedValue, type TypeArguments, tuple } from '../value.ts';
import { containerTypes, primitiveTypes, transparentTypes } from './native-types.ts';
import { parseType } from './parse-type.ts';
import type { TypeNode } from './type-node.ts';

/** Limits the recursion of type aliases that refer to themselves. */
const maxDepth = 25;

export class TypeResolver {
  readonly #names: NameResolver;
  #depth = 0;

  constructor(names: NameResolver) {
    this.#names = names;
  }

  /** Returns a value of a type, given as text. */
  resolve(unit: FileUnit, scope: number, text: string, types?: TypeArguments): ResolvedValue | undefined {
    return this.resolveNode(unit, scope, parseType(text, unit.isPython), types);
  }

  resolveNode(unit: FileUnit, scope: number, type: TypeNode, types?: TypeArguments): ResolvedValue | undefined {
    if (this.#depth >= maxDepth) return undefined;
    this.#depth++;
    try {
      return this.#resolveKind(unit, scope, type, types);
    } finally {
      this.#depth--;
    }
  }

  #resolveKind(unit: FileUnit, scope: number, type: TypeNode, types?: TypeArguments): ResolvedValue | undefined {
    const resolve = (node: TypeNode | undefined): ResolvedValue | undefined =>
      node && this.resolveNode(unit, scope, node, types);
    switch (type.kind) {
      case 'reference':
        return this.#resolveReference(unit, scope, type, types);
      case 'import': {
        const module = this.#names.resolveModule(unit, type.from);
        let value = module;
        for (const name of type.names) value = value && this.#names.members.resolve(value, name);
        return value && this.toInstance(value, type.args.map(resolve));
      }
      case 'union': {
        const parts = type.parts.filter((part) => !isNullish(part));
        return either(parts.map(resolve));
      }
      case 'intersection': {
        const values = type.parts.map(resolve).filter((value) => value !== undefined);
        return values.length > 1 ? { kind: 'all', values } : values[0];
      }
      case 'conditional': {
        const [yes, no] = type.branches.map(resolve);
        return yes && no ? either([yes, no]) : undefined;
      }
      case 'array':
        return container('Array', resolve(type.item));
      case 'tuple':
        return tuple(type.parts.map(resolve));
      case 'function':
        return { kind: 'callable', unit, scope, type, types };
      case 'object':
        return { kind: 'instance', unit, index: type.definition, ...(types ? { types } : {}) };
      case 'members':
        return { kind: 'record', unit, scope, members: type.members, types };
      case 'typeof': {
        let value: ResolvedValue | undefined;
        const [head = '', ...names] = type.names;
        if (type.from === undefined) value = this.#names.resolveName(unit, scope, head);
        else value = this.#names.resolveModule(unit, type.from);
        for (const name of type.from === undefined ? names : type.names) {
          value = value && this.#names.members.resolveValue(value, name);
        }
        return value;
      }
      case 'member': {
        const object = resolve(type.object);
        if (type.name === '[]') return object && this.#names.members.itemOf(object);
        return object && this.#names.members.resolveValue(object, type.name);
      }
      case 'literal':
        return builtin;
      default:
        return undefined;
    }
  }

  #resolveReference(
    unit: FileUnit,
    scope: number,
    { names, args }: Extract<TypeNode, { kind: 'reference' }>,
    types?: TypeArguments,
  ): ResolvedValue | undefined {
    const [head = '', ...rest] = names;
    const resolveArgs = (): (ResolvedValue | undefined)[] =>
      args.map((arg) => this.resolveNode(unit, scope, arg, types));
    if (rest.length === 0 && types?.has(head)) return types.get(head);
    if (head === 'this' || head === 'Self') return this.#resolveSelf(unit, scope, types);
    let value = this.#names.resolveName(unit, scope, head);
    const last = names.at(-1) as string;
    if (rest.length === 0 && (!value || value.kind === 'global')) {
      return this.#resolveNative(last, resolveArgs, unit, scope, args, types) ?? (value ? builtin : undefined);
    }
    const hit = rest.length === 0 ? this.#names.find(unit, scope, head) : undefined;
    // A type parameter stands for a value of its constraint.
    if (hit && 'constraint' in hit.binding) return value;
    for (const name of rest) value = value && this.#names.members.resolve(value, name);
    if (value?.kind === 'external' && unit.isPython) {
      return this.#resolveNative(last, resolveArgs, unit, scope, args, types) ?? external;
    }
    return value && this.toInstance(value, resolveArgs());
  }

  #resolveSelf(unit: FileUnit, scope: number, types?: TypeArguments): ResolvedValue | undefined {
    const receiver = types?.get('this');
    if (receiver) return receiver;
    const owner = unit.facts.scopes[scope]?.owner ?? -1;
    return owner < 0 ? undefined : { kind: 'instance', unit, index: owner };
  }

  /** Resolves a type of the language or of Python's `typing`. */
  #resolveNative(
    name: string,
    resolveArgs: () => (ResolvedValue | undefined)[],
    unit: FileUnit,
    scope: number,
    args: readonly TypeNode[],
    types?: TypeArguments,
  ): ResolvedValue | undefined {
    const language = unit.isPython ? 'python' : 'ecmascript';
    if (primitiveTypes.has(name)) return builtin;
    if (/^(?:any|unknown|never|object|Object|Any|TypeVar)$/.test(name)) return undefined;
    const transparent = transparentTypes[language][name];
    if (transparent !== undefined) return resolveArgs().at(transparent);
    if (unit.isPython) {
      if (name === 'Optional') return resolveArgs()[0];
      if (name === 'Union') {
        return this.resolveNode(unit, scope, { kind: 'union', parts: args }, types);
      }
      if (name === 'tuple' || name === 'Tuple') {
        const isVariadic = args.length === 2 && args[1]?.kind === 'unknown';
        return isVariadic || args.length === 0 ? container('Array', resolveArgs()[0]) : tuple(resolveArgs());
      }
      if (name === 'type' || name === 'Type') {
        const [instance] = resolveArgs();
        return instance?.kind === 'instance'
          ? ({ ...instance, kind: 'definition', isDynamic: true } as ResolvedValue)
          : undefined;
      }
      if (name === 'Callable') {
        const [parameters, returns] = args;
        const list = parameters?.kind === 'reference' && parameters.names[0] === '[]' ? parameters.args : [];
        const type = {
          kind: 'function',
          parameters: list,
          typeParameters: [],
          returns: returns ?? { kind: 'unknown' },
        } as const;
        return { kind: 'callable', unit, scope, type, types };
      }
    } else if (name === 'ReturnType' || name === 'InstanceType') {
      const [value] = resolveArgs();
      if (!value) return undefined;
      return name === 'ReturnType' ? this.#names.calls.resultOf(value) : this.#names.calls.instanceOf(value);
    }
    const described = containerTypes[language][name];
    if (!described) return undefined;
    const values = resolveArgs();
    return container(described.type, ...described.args.map((index) => values[index]));
  }

  /** Returns an instance of a class, interface or alias. */
  toInstance(value: ResolvedValue, args: readonly (ResolvedValue | undefined)[] = []): ResolvedValue | undefined {
    if (value.kind === 'module') return undefined;
    if (value.kind === 'global') return builtin;
    if (value.kind !== 'definition') return value;
    const { unit, index } = value;
    const definition = unit.definition(index);
    if (definition.form === 'function' || definition.form === 'method' || definition.form === 'lambda')
      return undefined;
    const types = this.bindTypeArguments(unit, definition, args);
    if (definition.form === 'alias' && definition.bases && !definition.members && !definition.fields) {
      const [base] = definition.bases;
      return base === undefined ? undefined : this.resolve(unit, definition.body ?? definition.scope, base, types);
    }
    return { kind: 'instance', unit, index, ...(types ? { types } : {}) };
  }

  /** Returns the values of the type parameters of a definition. */
  bindTypeArguments(
    unit: FileUnit,
    definition: FactsDefinition,
    args: readonly (ResolvedValue | undefined)[],
  ): TypeArguments | undefined {
    const { typeParameters } = definition;
    if (!typeParameters) return undefined;
    const types = new Map<string, ResolvedValue | undefined>();
    for (const [index, { name, constraint, initial }] of typeParameters.entries()) {
      const text = initial ?? constraint;
      const fallback =
        text === undefined || args[index] ? undefined : this.resolve(unit, definition.scope, text, types);
      types.set(name, args[index] ?? fallback);
    }
    return types;
  }
}

function isNullish(type: TypeNode): boolean {
  return (
    type.kind === 'reference' &&
    type.names.length === 1 &&
    /^(?:undefined|null|void|None)$/.test(type.names[0] as string)
  );
}
