/** Resolves names and expressions to values by following scopes, imports and types. */
import { defined } from '../../../protocol/defined.ts';
import { type CalleeStep, castTypeOf, parseCallee } from '../extract/callee-text.ts';
import type { Binding, FactsDefinition, Variable } from '../extract/facts.ts';
import type { FileUnit } from './file-unit.ts';
import { isGlobal } from './globals.ts';
import type { ModuleConfig } from './module-config.ts';
import { ModuleResolver, type WorkspaceModule } from './module-resolver.ts';
import { builtin, external, type LocatedValue, type ResolvedValue } from './value.ts';

/** Maximum number of nested resolution steps: re-exports, base classes of base classes, values of variables. */
const maxDepth = 12;

export class NameResolver {
  readonly #units: ReadonlyMap<string, FileUnit>;
  readonly #modules: ModuleResolver;
  readonly #exports = new Map<FileUnit, Map<string, ResolvedValue | undefined>>();
  readonly #methods = new Map<string, LocatedValue[]>();

  constructor(units: readonly FileUnit[], configs: readonly ModuleConfig[]) {
    this.#units = new Map(units.map((unit) => [unit.name, unit]));
    this.#modules = new ModuleResolver(this.#units.keys(), configs);
    for (const unit of units) {
      for (const [index, { form, name }] of unit.facts.definitions.entries()) {
        if (form !== 'method') continue;
        const methods = this.#methods.get(name);
        const method: LocatedValue = { kind: 'definition', unit, index };
        if (methods) methods.push(method);
        else this.#methods.set(name, [method]);
      }
    }
  }

  /** Returns all methods of this name in the workspace. */
  methodsNamed(name: string): readonly LocatedValue[] {
    return this.#methods.get(name) ?? [];
  }

  /**
   * Returns the index of the innermost scope that binds a name, or -1. The names in the body of a Python class are only
   * visible in the body itself.
   */
  findScope(unit: FileUnit, scope: number, name: string): number {
    const { scopes } = unit.facts;
    for (let index = scope; index >= 0; index = scopes[index]?.parent ?? -1) {
      if (unit.isPython && index !== scope && scopes[index]?.kind === 'class') continue;
      if (unit.binding(index, name)) return index;
    }
    return -1;
  }

  findBinding(unit: FileUnit, scope: number, name: string): Binding | undefined {
    const index = this.findScope(unit, scope, name);
    return index < 0 ? undefined : unit.binding(index, name);
  }

  /** Resolves a name in a scope. Python's `*` imports are searched last. */
  resolveName(unit: FileUnit, scope: number, name: string, depth = 0): ResolvedValue | undefined {
    const binding = this.findBinding(unit, scope, name);
    if (binding) return this.resolveBinding(unit, binding, depth + 1);
    if (unit.isPython) {
      const value = this.#resolveStarExport(unit, name, depth + 1);
      if (value) return value;
    }
    return isGlobal(unit.facts.language, name) ? builtin : undefined;
  }

  resolveBinding(unit: FileUnit, binding: Binding, depth = 0): ResolvedValue | undefined {
    if (depth > maxDepth) return undefined;
    if ('definition' in binding) return { kind: 'definition', unit, index: binding.definition };
    if ('from' in binding) return this.#resolveImport(unit, binding.from, binding.name, depth + 1);
    if ('self' in binding) return { kind: 'instance', unit, index: binding.self };
    if ('owner' in binding) return { kind: 'definition', unit, index: binding.owner };
    return this.#resolveVariable(unit, binding, depth + 1);
  }

  #resolveVariable(unit: FileUnit, variable: Variable, depth: number): ResolvedValue | undefined {
    if (variable.type) return this.resolveType(unit, variable.scope, variable.type, depth + 1);
    return variable.value ? this.evaluate(unit, variable.scope, parseCallee(variable.value), depth + 1) : undefined;
  }

  /** Returns an instance of a type, given its dotted name. */
  resolveType(unit: FileUnit, scope: number, type: string, depth = 0): ResolvedValue | undefined {
    const value = this.evaluate(unit, scope, type.split('.'), depth + 1);
    if (value?.kind !== 'definition') return value?.kind === 'module' ? undefined : value;
    const { form } = value.unit.definition(value.index);
    return form === 'function' || form === 'method' ? undefined : { ...value, kind: 'instance' };
  }

  /** Resolves an expression, given as the steps of its callee text. */
  evaluate(unit: FileUnit, scope: number, steps: readonly CalleeStep[], depth = 0): ResolvedValue | undefined {
    if (depth > maxDepth) return undefined;
    let value = this.#resolveHead(unit, scope, steps, depth);
    let receiver: ResolvedValue | undefined;
    const first = steps[0] === 'super' && steps[1] === '()' && unit.isPython ? 2 : 1;
    for (const step of steps.slice(first)) {
      if (!value) return undefined;
      if (step === '()') value = this.#resolveCallResult(value, receiver, depth);
      else if (step === 'new()') value = toInstance(value);
      else if (step === '[]') value = value.kind === 'external' ? value : undefined;
      else if (step === '?') value = undefined;
      else {
        receiver = value;
        value = this.resolveMember(value, step, depth + 1);
        if (value?.kind === 'definition') {
          const { getter } = value.unit.definition(value.index);
          if (getter) value = this.#resolveCallResult(value, receiver, depth);
        }
      }
    }
    return value;
  }

  #resolveHead(unit: FileUnit, scope: number, steps: readonly CalleeStep[], depth: number): ResolvedValue | undefined {
    const head = steps[0] as CalleeStep;
    const type = castTypeOf(head);
    if (type) return this.resolveType(unit, scope, type, depth + 1);
    if (head === '?' || head === 'import') return undefined;
    const isSuper = head === 'super' && (!unit.isPython || steps[1] === '()');
    if (head !== 'this' && !isSuper) return this.resolveName(unit, scope, head, depth + 1);
    const enclosing = unit.facts.scopes[scope];
    if (!enclosing || enclosing.owner < 0) return undefined;
    const { form } = unit.definition(enclosing.owner);
    const kind = enclosing.static || form === 'object' ? 'definition' : 'instance';
    if (!isSuper) return { kind, unit, index: enclosing.owner };
    return { kind: 'instance', unit, index: enclosing.owner, above: true };
  }

  #resolveCallResult(
    value: ResolvedValue,
    receiver: ResolvedValue | undefined,
    depth: number,
  ): ResolvedValue | undefined {
    if (value.kind === 'external') return value;
    if (value.kind !== 'definition') return undefined;
    const definition = value.unit.definition(value.index);
    if (definition.form === 'class') return value.unit.isPython ? { ...value, kind: 'instance' } : undefined;
    const { returns, scope } = definition;
    if (!returns) return undefined;
    if (returns === 'this' || returns === 'Self') return receiver?.kind === 'instance' ? receiver : undefined;
    return this.resolveType(value.unit, scope, returns, depth + 1);
  }

  /** Resolves a member of a value by its name. */
  resolveMember(value: ResolvedValue, name: string, depth = 0): ResolvedValue | undefined {
    if (depth > maxDepth) return undefined;
    switch (value.kind) {
      case 'external':
        return value;
      case 'builtin':
        return builtin;
      case 'module':
        return this.#resolveModuleMember(value, name, depth);
      default:
        return this.#resolveOwnMember(value, name, depth) ?? this.#resolveInheritedMember(value, name, depth);
    }
  }

  #resolveModuleMember(
    value: Extract<ResolvedValue, { kind: 'module' }>,
    name: string,
    depth: number,
  ): ResolvedValue | undefined {
    const exportedValue = value.unit && this.resolveExport(value.unit, name, depth + 1);
    if (exportedValue) return exportedValue;
    const submodule = value.folder === undefined ? undefined : this.#modules.findInFolder(value.folder, name);
    return submodule && this.#toModuleValue(submodule);
  }

  #resolveOwnMember(value: LocatedValue, name: string, depth: number): ResolvedValue | undefined {
    if ('above' in value && value.above) return undefined;
    const { unit } = value;
    const definition = unit.definition(value.index);
    const throughClass = value.kind === 'definition';
    const members = definition.members?.filter(([other]) => other === name) ?? [];
    const index = (members.find(([, member]) => isReachable(unit.definition(member), throughClass)) ?? members[0])?.[1];
    // A static and an instance member may have the same name; they must not be confused.
    if (index !== undefined && (members.length === 1 || isReachable(unit.definition(index), throughClass))) {
      return { kind: 'definition', unit, index };
    }
    const field = definition.fields?.find(([other]) => other === name)?.[1];
    if (field) return this.#resolveVariable(unit, field, depth + 1);
    if (definition.form !== 'namespace') return undefined;
    const scope = unit.scopeOf(value.index);
    const binding = scope === undefined ? undefined : unit.binding(scope, name);
    return binding && this.resolveBinding(unit, binding, depth + 1);
  }

  #resolveInheritedMember(value: LocatedValue, name: string, depth: number): ResolvedValue | undefined {
    const definition = value.unit.definition(value.index);
    for (const text of definition.bases ?? []) {
      const base = this.resolveBase(value.unit, definition, text, depth + 1);
      if (!base) continue;
      const member =
        base.kind === 'definition' ? this.resolveMember({ ...base, kind: value.kind }, name, depth + 1) : base;
      if (member) return member;
    }
    return undefined;
  }

  /** Resolves a base class. Returns undefined if the base is a computed expression. */
  resolveBase(unit: FileUnit, definition: FactsDefinition, text: string, depth = 0): ResolvedValue | undefined {
    if (/[^\w$.]/.test(text)) return undefined;
    return this.evaluate(unit, definition.scope, text.split('.'), depth + 1);
  }

  /** Resolves an exported name of a file. */
  resolveExport(unit: FileUnit, name: string, depth = 0): ResolvedValue | undefined {
    if (depth > maxDepth) return undefined;
    let cache = this.#exports.get(unit);
    if (!cache) {
      cache = new Map();
      this.#exports.set(unit, cache);
    }
    if (cache.has(name)) return cache.get(name);
    // Ends the recursion for cyclic re-exports.
    cache.set(name, undefined);
    const value = this.#findExport(unit, name, depth);
    cache.set(name, value);
    return value;
  }

  #findExport(unit: FileUnit, name: string, depth: number): ResolvedValue | undefined {
    const { exports, reexports } = unit.facts;
    const local = exports.find(([outer]) => outer === name)?.[1];
    if (typeof local === 'number') return { kind: 'definition', unit, index: local };
    const binding = unit.binding(0, local ?? name);
    if (binding) return this.resolveBinding(unit, binding, depth + 1);
    const reexport = reexports.find(([outer]) => outer === name);
    if (reexport) return this.#resolveImport(unit, reexport[1], reexport[2], depth + 1);
    if (name === '=') return undefined;
    const moduleValue = this.resolveExport(unit, '=', depth + 1);
    if (moduleValue && name === 'default') return moduleValue;
    const member = moduleValue && this.resolveMember(moduleValue, name, depth + 1);
    if (member) return member;
    return name === 'default' ? undefined : this.#resolveStarExport(unit, name, depth + 1);
  }

  #resolveStarExport(unit: FileUnit, name: string, depth: number): ResolvedValue | undefined {
    for (const [outer, from] of unit.facts.reexports) {
      if (outer !== '*') continue;
      const module = this.#modules.resolve(unit.name, from, unit.facts.language);
      const source = module?.file === undefined ? undefined : this.#units.get(module.file);
      const value = source && this.resolveExport(source, name, depth + 1);
      if (value) return value;
    }
    return undefined;
  }

  #resolveImport(unit: FileUnit, from: string, name: string, depth: number): ResolvedValue | undefined {
    const module = this.#modules.resolve(unit.name, from, unit.facts.language);
    if (!module) return external;
    const value = this.#toModuleValue(module);
    if (value?.kind !== 'module') return value;
    if (name === '*') return (value.unit && this.resolveExport(value.unit, '=', depth + 1)) ?? value;
    const member = this.#resolveModuleMember(value, name, depth + 1);
    // The default export of a CommonJS module is the module itself.
    return member ?? (name === 'default' && value.unit && isCommonJs(value.unit) ? value : undefined);
  }

  #toModuleValue(module: WorkspaceModule): ResolvedValue | undefined {
    const unit = module.file === undefined ? undefined : this.#units.get(module.file);
    if (!unit && module.folder === undefined) return undefined;
    return { kind: 'module', ...defined({ unit, folder: module.folder }) };
  }
}

function toInstance(value: ResolvedValue): ResolvedValue | undefined {
  if (value.kind === 'definition') return { ...value, kind: 'instance' };
  return value.kind === 'module' ? undefined : value;
}

/** Returns whether a member can be accessed through the class itself, or otherwise through an instance. */
function isReachable(member: FactsDefinition, throughClass: boolean): boolean {
  return (member.static === true) === throughClass;
}

function isCommonJs(unit: FileUnit): boolean {
  return unit.facts.exports.every(([name]) => name !== 'default');
}
