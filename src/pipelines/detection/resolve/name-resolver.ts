/** Resolves names to values by following scopes, imports and exports. */
import { defined } from '../../../protocol/defined.ts';
import type { Binding, Variable } from '../extract/facts.ts';
import { ArgumentResolver } from './argument-resolver.ts';
import { CallResolver } from './call-resolver.ts';
import { ExpressionResolver } from './expression-resolver.ts';
import type { FileUnit } from './file-unit.ts';
import { isGlobal } from './globals.ts';
import { MemberResolver } from './member-resolver.ts';
import { Memo } from './memo.ts';
import type { ModuleConfig } from './modules/module-config.ts';
import { ModuleResolver, type WorkspaceModule } from './modules/module-resolver.ts';
import { TypeResolver } from './types/type-resolver.ts';
import { either, external, type LocatedValue, type ResolvedValue } from './value.ts';

/** A binding and whether it is that of an enclosing function, whose code may run at another time. */
export interface BoundName {
  readonly binding: Binding;
  readonly scope: number;
  readonly isCaptured: boolean;
}

/** The files of a workspace. */
export interface UnitSource {
  /** Names of all files that have facts. */
  readonly names: Iterable<string>;
  readonly get: (name: string) => FileUnit | undefined;
  /** Files that describe other modules. */
  readonly ambientUnits: readonly FileUnit[];
  /** Returns the files with methods of a name, once for each method. */
  readonly methodFiles: (name: string) => readonly string[];
}

export class NameResolver {
  readonly memo = new Memo();
  readonly types = new TypeResolver(this);
  readonly members = new MemberResolver(this);
  readonly calls = new CallResolver(this);
  readonly args = new ArgumentResolver(this);
  readonly expressions = new ExpressionResolver(this);
  readonly #source: UnitSource;
  /** Names of methods that calls on unknown receivers were compared with since `takeFallbacks`. */
  readonly #fallbacks = new Set<string>();
  readonly #modules: ModuleResolver;
  readonly #exports = new Map<FileUnit, Map<string, ResolvedValue | undefined>>();
  readonly #variables = new Map<Binding, ResolvedValue | undefined>();
  readonly #captured = new Map<Binding, ResolvedValue | undefined>();
  readonly #ambientMembers = new Map<string, ResolvedValue | undefined>();
  /** Modules that `declare module` blocks describe, by specifier. */
  readonly #ambient = new Map<string, LocatedValue[]>();

  constructor(source: UnitSource, config: ModuleConfig) {
    this.#source = source;
    this.#modules = new ModuleResolver(source.names, config);
    for (const unit of source.ambientUnits) {
      for (const [name, index] of unit.facts.ambientModules ?? []) {
        const values = this.#ambient.get(name) ?? [];
        values.push({ kind: 'definition', unit, index });
        this.#ambient.set(name, values);
      }
    }
  }

  /** Returns the number of methods of this name in the workspace, and the only one of them. */
  findMethods(name: string): { readonly count: number; readonly only?: LocatedValue } {
    this.#fallbacks.add(name);
    const files = this.#source.methodFiles(name);
    const unit = files.length === 1 ? this.#source.get(files[0] as string) : undefined;
    if (!unit) return { count: files.length };
    const index = unit.facts.definitions.findIndex(
      (definition) => definition.form === 'method' && definition.name === name,
    );
    return { count: 1, ...(index < 0 ? {} : { only: { kind: 'definition', unit, index } }) };
  }

  /** Returns the names that `findMethods` was asked for since the last call. */
  takeFallbacks(): string[] {
    const names = [...this.#fallbacks];
    this.#fallbacks.clear();
    return names;
  }

  /** Returns the files and folders that the imports of a file lead to, as far as they were needed. */
  listTargets(file: string): string[] {
    return this.#modules.listTargets(file);
  }

  /**
   * Finds the innermost scope that binds a name. The names in the body of a Python class are only visible in the body
   * itself, and those of a flow scope only in the same function.
   */
  find(unit: FileUnit, scope: number, name: string): BoundName | undefined {
    const { scopes } = unit.facts;
    let isCaptured = false;
    for (let index = scope; index >= 0; ) {
      const { kind, parent } = scopes[index] as (typeof scopes)[number];
      const isHidden = (kind === 'flow' && isCaptured) || (unit.isPython && kind === 'class' && isCaptured);
      const binding = isHidden ? undefined : unit.binding(index, name);
      if (binding) return { binding, scope: index, isCaptured };
      if (kind === 'function') isCaptured = true;
      index = parent;
    }
    return undefined;
  }

  /** Returns the index of the scope that binds a name, or -1. */
  findScope(unit: FileUnit, scope: number, name: string): number {
    const hit = this.find(unit, scope, name);
    if (!hit) return -1;
    return hit.isCaptured ? hit.scope + 0.5 : hit.scope;
  }

  /** Resolves a name in a scope. Python's `*` imports are searched last. */
  resolveName(unit: FileUnit, scope: number, name: string): ResolvedValue | undefined {
    const hit = this.find(unit, scope, name);
    if (hit) return this.resolveBinding(unit, hit.binding, hit.isCaptured);
    if (unit.isPython) {
      const value = this.#resolveStarExport(unit, name);
      if (value) return value;
    }
    return isGlobal(unit.facts.language, name) ? { kind: 'global', name } : undefined;
  }

  /** @param isCaptured whether later assignments of the variable may have happened too */
  resolveBinding(unit: FileUnit, binding: Binding, isCaptured = false): ResolvedValue | undefined {
    if ('definition' in binding) return this.#resolveDefinition(unit, binding);
    if ('from' in binding) return this.#resolveImport(unit, binding.from, binding.name);
    if ('self' in binding) return { kind: 'instance', unit, index: binding.self };
    if ('owner' in binding) return { kind: 'definition', unit, index: binding.owner, isDynamic: true };
    if ('constraint' in binding) {
      return binding.constraint === '' ? undefined : this.types.resolve(unit, binding.scope, binding.constraint);
    }
    const cache = isCaptured ? this.#captured : this.#variables;
    return this.memo.get(cache, binding, () => this.resolveVariable(unit, binding, isCaptured));
  }

  #resolveDefinition(unit: FileUnit, binding: Extract<Binding, { definition: number }>): ResolvedValue {
    const value: ResolvedValue = { kind: 'definition', unit, index: binding.definition };
    const { decorated } = unit.definition(binding.definition);
    if (!decorated) return value;
    const replaced = this.memo.get(this.#variables, decorated, () => this.resolveVariable(unit, decorated, false));
    // A decorator that returns an unknown function mostly calls the original one.
    return replaced?.kind === 'instance' || replaced?.kind === 'container' ? replaced : value;
  }

  /** Resolves the value of a pytest fixture: of the file itself, or of the nearest `conftest.py`. */
  resolveFixture(unit: FileUnit, name: string): ResolvedValue | undefined {
    const folders = unit.name.split('/').slice(0, -1);
    const files = folders.map((_, index) => [...folders.slice(0, folders.length - index), 'conftest.py'].join('/'));
    for (const file of [unit.name, ...files, 'conftest.py']) {
      const source = this.#source.get(file);
      const hit =
        source?.facts.definitions.findIndex((definition) => definition.fixture && definition.name === name) ?? -1;
      if (!source || hit < 0) continue;
      const result = this.calls.resultOf({ kind: 'definition', unit: source, index: hit });
      return result && this.members.await(result);
    }
    return undefined;
  }

  resolveVariable(unit: FileUnit, variable: Variable, isCaptured: boolean): ResolvedValue | undefined {
    const { type, value, scope, later = [], branches } = variable;
    if (type !== undefined) return this.types.resolve(unit, scope, type);
    if (branches) return either(branches.map((branch) => this.resolveBinding(unit, branch)));
    const initial = value === undefined ? undefined : this.expressions.resolve(unit, scope, value);
    if (initial && !isCaptured && initial.kind !== 'builtin') return initial;
    return either([initial, ...later.map((other) => this.resolveBinding(unit, other))]);
  }

  /** Resolves a module that an expression loads. */
  resolveModule(unit: FileUnit, from: string): ResolvedValue | undefined {
    return this.#resolveImport(unit, from, '*');
  }

  /** Resolves an exported name of a file. */
  resolveExport(unit: FileUnit, name: string): ResolvedValue | undefined {
    let cache = this.#exports.get(unit);
    if (!cache) {
      cache = new Map();
      this.#exports.set(unit, cache);
    }
    return this.memo.get(cache, name, () => this.#findExport(unit, name));
  }

  #findExport(unit: FileUnit, name: string): ResolvedValue | undefined {
    const { exports, reexports } = unit.facts;
    const local = exports.find(([outer]) => outer === name)?.[1];
    if (typeof local === 'number') return { kind: 'definition', unit, index: local };
    const hit = this.#findExported(unit, local ?? name);
    if (hit) return hit;
    const reexport = reexports.find(([outer]) => outer === name);
    if (reexport) return this.#resolveImport(unit, reexport[1], reexport[2]);
    if (name === '=') return undefined;
    const moduleValue = this.resolveExport(unit, '=');
    if (moduleValue && name === 'default') return moduleValue;
    const member = moduleValue && this.members.resolve(moduleValue, name);
    if (member) return member;
    return name === 'default' ? undefined : this.#resolveStarExport(unit, name);
  }

  /** Returns the value of a name of the module scope after the module was loaded. */
  #findExported(unit: FileUnit, name: string): ResolvedValue | undefined {
    const binding = unit.binding(0, name);
    return binding && this.resolveBinding(unit, binding, true);
  }

  #resolveStarExport(unit: FileUnit, name: string): ResolvedValue | undefined {
    for (const [outer, from] of unit.facts.reexports) {
      if (outer !== '*') continue;
      const module = this.#modules.resolve(unit.name, from, unit.facts.language);
      const source = module?.file === undefined ? undefined : this.#source.get(module.file);
      const value = source && this.resolveExport(source, name);
      if (value) return value;
    }
    return undefined;
  }

  #resolveImport(unit: FileUnit, from: string, name: string): ResolvedValue | undefined {
    const ambient = this.#resolveAmbient(from, name);
    if (ambient) return ambient;
    const module = this.#modules.resolve(unit.name, from, unit.facts.language);
    if (!module) return { kind: 'external', name: name === '*' || name === 'default' ? from : name };
    const value = this.#toModuleValue(module);
    if (value?.kind !== 'module') return value;
    if (name === '*') return (value.unit && this.resolveExport(value.unit, '=')) ?? value;
    const member = this.resolveModuleMember(value, name);
    // The default export of a CommonJS module is the module itself.
    return member ?? (name === 'default' && value.unit && isCommonJs(value.unit) ? value : undefined);
  }

  /** Resolves a name of a module that a `declare module` block describes. */
  #resolveAmbient(from: string, name: string): ResolvedValue | undefined {
    const values = this.#ambient.get(from);
    if (!values || name === '*') return values?.[0];
    return this.memo.get(this.#ambientMembers, `${from}\0${name}`, () => {
      for (const value of values) {
        const member = this.members.resolve(value, name);
        if (member) return member;
      }
      return undefined;
    });
  }

  resolveModuleMember(value: Extract<ResolvedValue, { kind: 'module' }>, name: string): ResolvedValue | undefined {
    const exportedValue = value.unit && this.resolveExport(value.unit, name);
    if (exportedValue) return exportedValue;
    for (const other of value.others ?? []) {
      const hit = this.resolveExport(other, name);
      if (hit) return hit;
    }
    const submodule = value.folder === undefined ? undefined : this.#modules.findInFolder(value.folder, name);
    return submodule && this.#toModuleValue(submodule);
  }

  #toModuleValue(module: WorkspaceModule): ResolvedValue | undefined {
    const unit = module.file === undefined ? undefined : this.#source.get(module.file);
    if (!unit && module.folder === undefined) return external;
    const others = module.others?.flatMap((name) => this.#source.get(name) ?? []);
    return { kind: 'module', ...defined({ unit, folder: module.folder, others }) };
  }
}

function isCommonJs(unit: FileUnit): boolean {
  return unit.facts.exports.every(([name]) => name !== 'default');
}
