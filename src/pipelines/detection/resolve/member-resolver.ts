/** Resolves members of values. */
import type { FactsDefinition, Variable } from '../extract/facts.ts';
import type { FileUnit } from './file-unit.ts';
import type { NameResolver } from './name-resolver.ts';
import { externalResults } from './types/external-results.ts';
import { isNativeMember, nativeItem } from './types/native-members.ts';
import {
  builtin,
  either,
  external,
  isSame,
  type LocatedValue,
  type ResolvedValue,
  type TypeArguments,
  tuple,
} from './value.ts';

/** Maximum number of base classes of base classes. */
const maxDepth = 25;

export class MemberResolver {
  readonly #names: NameResolver;

  constructor(names: NameResolver) {
    this.#names = names;
  }

  /** Resolves a member of a value by its name. A property is returned as the definition that computes it. */
  resolve(value: ResolvedValue, name: string, depth = 0): ResolvedValue | undefined {
    if (depth > maxDepth) return undefined;
    switch (value.kind) {
      case 'external':
        return name in externalResults ? { kind: 'external', name } : external;
      case 'builtin':
        return builtin;
      case 'global':
      case 'container':
        if (value.kind === 'container' && value.type === 'Record') return value.args[0];
        if (isNativeMember(value, name)) return { kind: 'native', receiver: value, name };
        // Code without `await` means the value, or the grammar did not see the `await`.
        if (value.kind === 'container' && value.type === 'Promise')
          return value.args[0] && this.resolve(value.args[0], name, depth + 1);
        return builtin;
      case 'native':
      case 'callable':
        return builtin;
      case 'callback':
        return undefined;
      case 'record': {
        const type = value.members.get(name) ?? value.members.get('[]');
        return type && this.#names.types.resolveNode(value.unit, value.scope, type, value.types);
      }
      case 'either':
        return this.#resolveEither(value.values, name, depth);
      case 'all': {
        for (const part of [...value.values].sort((a, b) => Number(isForeign(a)) - Number(isForeign(b)))) {
          const member = this.resolve(part, name, depth + 1);
          if (member) return member;
        }
        return undefined;
      }
      case 'module':
        return this.#names.resolveModuleMember(value, name);
      default:
        return this.#resolveOwnMember(value, name, depth) ?? this.#resolveInheritedMember(value, name, depth);
    }
  }

  /** Returns the member that all values have in common, or one of several values. */
  #resolveEither(values: readonly ResolvedValue[], name: string, depth: number): ResolvedValue | undefined {
    const members = values
      .map((value) => this.resolve(value, name, depth + 1))
      .filter((member) => member !== undefined);
    // Values that do not have the member at all were excluded by a condition.
    return either(members);
  }

  /** Resolves the value of a member, which a property computes. */
  resolveValue(value: ResolvedValue, name: string): ResolvedValue | undefined {
    const member = this.resolve(value, name);
    if (member?.kind !== 'definition' || !member.unit.definition(member.index).getter) return member;
    return this.#names.calls.resultOf(member, [], undefined, value);
  }

  /** Returns the values in a container or of an object with an index signature. */
  itemOf(value: ResolvedValue, key?: number | string): ResolvedValue | undefined {
    if (value.kind === 'external' || value.kind === 'builtin') return value;
    if (value.kind === 'either') return either(value.values.map((part) => this.itemOf(part, key)));
    if (value.kind === 'container') return nativeItem(value, key);
    if (value.kind === 'record') {
      const type = value.members.get('[]');
      return type && this.#names.types.resolveNode(value.unit, value.scope, type, value.types);
    }
    if (value.kind !== 'instance') return undefined;
    if (!value.unit.isPython) return this.resolve(value, '[]');
    const method = this.resolve(value, '__getitem__');
    return method && this.#names.calls.resultOf(method, [], undefined, value);
  }

  /** Returns the values that an iteration over a value yields. */
  iterate(value: ResolvedValue, isAsync: boolean, isPython: boolean): ResolvedValue | undefined {
    if (value.kind === 'external' || value.kind === 'builtin') return value;
    if (value.kind === 'either') return either(value.values.map((part) => this.iterate(part, isAsync, isPython)));
    if (value.kind === 'container') {
      if (value.type === 'Map') {
        return isPython ? value.args[0] : tuple(value.args);
      }
      return value.type === 'Record' ? undefined : value.args[0];
    }
    if (value.kind !== 'instance') return undefined;
    if (!value.unit.isPython) return undefined;
    const method = this.resolve(value, isAsync ? '__aiter__' : '__iter__');
    const iterator = method && this.#names.calls.resultOf(method, [], undefined, value);
    if (!iterator) return undefined;
    if (iterator.kind !== 'instance') return this.iterate(iterator, isAsync, isPython);
    const next = this.resolve(iterator, isAsync ? '__anext__' : '__next__');
    const item = next && this.#names.calls.resultOf(next, [], undefined, iterator);
    return item && isAsync ? this.await(item) : item;
  }

  /** Returns the value that a promise resolves to. */
  await(value: ResolvedValue): ResolvedValue | undefined {
    if (value.kind === 'either') return either(value.values.map((part) => this.await(part)));
    return value.kind === 'container' && value.type === 'Promise' ? value.args[0] : value;
  }

  /** Returns the value that `with` binds. */
  enter(value: ResolvedValue): ResolvedValue | undefined {
    if (value.kind === 'external' || value.kind === 'builtin') return value;
    if (value.kind === 'container')
      return value.type === 'Manager' || value.type === 'Promise' ? value.args[0] : builtin;
    if (value.kind !== 'instance') return undefined;
    for (const name of ['__enter__', '__aenter__']) {
      const method = this.resolve(value, name);
      const result = method && this.#names.calls.resultOf(method, [], undefined, value);
      if (result) return this.await(result);
      if (method) return value;
    }
    return undefined;
  }

  #resolveOwnMember(value: LocatedValue, name: string, depth: number): ResolvedValue | undefined {
    if ('above' in value && value.above) return undefined;
    const { unit, index } = value;
    const definition = unit.definition(index);
    const throughClass = value.kind === 'definition' && definition.form !== 'object';
    if (name === '__class__' && value.kind === 'instance' && unit.isPython) {
      return { kind: 'definition', unit, index, isDynamic: true };
    }
    const members = definition.members?.filter(([other]) => other === name) ?? [];
    const member = (members.find(([, other]) => isReachable(unit, other, throughClass)) ?? members[0])?.[1];
    // A static and an instance member may have the same name; they must not be confused.
    if (member !== undefined && (members.length === 1 || isReachable(unit, member, throughClass))) {
      return {
        kind: 'definition',
        unit,
        index: member,
        receiver: value,
        ...(value.types ? { types: value.types } : {}),
      };
    }
    const field = this.#findField(unit, definition, name, throughClass);
    if (field) return this.#resolveField(unit, field, value.types);
    for (const [other, spread] of definition.fields ?? []) {
      if (other !== '...') continue;
      const source = this.#resolveField(unit, spread, value.types);
      const hit = source && this.resolve(source, name, depth + 1);
      if (hit) return hit;
    }
    const item = name === '[]' ? undefined : definition.fields?.find(([other]) => other === '[]')?.[1];
    if (item && definition.form !== 'class') return this.#resolveField(unit, item, value.types);
    if (definition.form !== 'namespace') return undefined;
    const scope = unit.scopeOf(index);
    const binding = scope === undefined ? undefined : unit.binding(scope, name);
    return binding && this.#names.resolveBinding(unit, binding, true);
  }

  #findField(unit: FileUnit, definition: FactsDefinition, name: string, throughClass: boolean): Variable | undefined {
    const fields = definition.fields?.filter(([other]) => other === name);
    if (!fields || fields.length === 0) return undefined;
    if (unit.isPython || definition.form !== 'class') return fields[0]?.[1];
    return (fields.find(([, field]) => (field.static === true) === throughClass) ?? fields[0])?.[1];
  }

  #resolveField(unit: FileUnit, field: Variable, types: TypeArguments | undefined): ResolvedValue | undefined {
    if (field.type !== undefined && types) return this.#names.types.resolve(unit, field.scope, field.type, types);
    return this.#names.resolveBinding(unit, field, true);
  }

  #resolveInheritedMember(value: LocatedValue, name: string, depth: number): ResolvedValue | undefined {
    const { unit, index } = value;
    const definition = unit.definition(index);
    const bases = definition.bases?.length ?? (definition.computedBase ? 1 : 0);
    let hit: ResolvedValue | undefined;
    for (let position = 0; position < bases; position++) {
      if (unit.isPython && hasNoMembers(definition.bases?.[position])) continue;
      const base = this.resolveBase(unit, definition, position, value.types);
      if (!base) {
        // A base class that is unknown may have any member, which would hide those of later ones.
        if (unit.isPython) break;
        continue;
      }
      if (hit && !this.#mayPrecede(base, hit, name)) continue;
      const isLocated = base.kind === 'instance' || base.kind === 'definition';
      const member = this.resolve(isLocated ? ({ ...base, kind: value.kind } as ResolvedValue) : base, name, depth + 1);
      if (!member || (hit && member.kind !== 'definition')) continue;
      hit = member.kind === 'definition' && member.receiver ? { ...member, receiver: value } : member;
      if (!unit.isPython) break;
    }
    return hit;
  }

  /**
   * Returns whether a member of a later base class can come before that of an earlier one in the resolution order of
   * Python: because the base is derived from the class of the other one, or because the other one is that of an external
   * class, which mostly does not have the member.
   */
  #mayPrecede(base: ResolvedValue, earlier: ResolvedValue, name: string): boolean {
    if (base.kind !== 'instance') return false;
    if (earlier.kind === 'external') return !name.startsWith('__');
    const owner = earlier.kind === 'definition' ? this.#classOf(earlier) : undefined;
    return owner !== undefined && !isSame(base, owner) && this.isSubclass(base, owner);
  }

  /** Returns an instance of the class that has a member. */
  #classOf({ unit, index }: LocatedValue): Extract<ResolvedValue, { kind: 'instance' }> | undefined {
    const { parent } = unit.definition(index);
    return parent < 0 ? undefined : { kind: 'instance', unit, index: parent };
  }

  /** Finds the method that is called where type checkers see a stub: the next one of its name in the class or its bases. */
  findImplementation(value: LocatedValue, name: string, depth = 0): LocatedValue | undefined {
    if (depth > maxDepth) return undefined;
    const { unit, index } = value;
    const definition = unit.definition(index);
    const isAbove = 'above' in value && value.above === true;
    const member = isAbove ? undefined : definition.members?.find(([other]) => other === name)?.[1];
    if (member !== undefined && !unit.definition(member).stub) return { kind: 'definition', unit, index: member };
    for (const position of definition.bases?.keys() ?? []) {
      const base = this.resolveBase(unit, definition, position);
      const hit = base?.kind === 'instance' ? this.findImplementation(base, name, depth + 1) : undefined;
      if (hit) return hit;
    }
    return undefined;
  }

  /** Resolves a base class as an instance of it, or the value of a type alias. Returns undefined if it is unknown. */
  resolveBase(
    unit: FileUnit,
    definition: FactsDefinition,
    position = 0,
    types?: TypeArguments,
  ): ResolvedValue | undefined {
    const { computedBase, bases, scope, body, form } = definition;
    if (computedBase) {
      const value = this.#names.expressions.resolve(unit, computedBase.scope, computedBase.value as number);
      return value && this.#names.calls.instanceOf(value);
    }
    const text = bases?.[position];
    if (text === undefined) return undefined;
    const place = form === 'alias' ? (body ?? scope) : scope;
    return this.#names.types.resolve(unit, place, text, types);
  }

  /** Returns whether a value is an instance of a class that has another one as its base. */
  isSubclass(value: LocatedValue, other: ResolvedValue, depth = 0): boolean {
    if (isSame({ ...value, kind: 'instance' } as ResolvedValue, other)) return true;
    if (depth > maxDepth) return false;
    const definition = value.unit.definition(value.index);
    return (definition.bases ?? []).some((_, position) => {
      const base = this.resolveBase(value.unit, definition, position);
      return base?.kind === 'instance' && this.isSubclass(base, other, depth + 1);
    });
  }
}

/** Returns whether a base class of Python only serves type checkers, or has only the members that all classes have. */
function hasNoMembers(base: string | undefined): boolean {
  return base !== undefined && /^(?:\w+\.)*(?:Generic|Protocol|ABC|object)(?:\[|$)/.test(base);
}

function isForeign({ kind }: ResolvedValue): boolean {
  return kind === 'external' || kind === 'builtin';
}

/** Returns whether a member can be accessed through the class itself, or otherwise through an instance. */
function isReachable(unit: FileUnit, member: number, throughClass: boolean): boolean {
  return unit.isPython || (unit.definition(member).static === true) === throughClass;
}
