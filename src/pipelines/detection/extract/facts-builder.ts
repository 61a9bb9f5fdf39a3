/** Gathers the facts of one file while its captures pass by from the first to the last; knows which scope is open. */
import type { Node } from 'web-tree-sitter';
import { defined } from '../../../protocol/defined.ts';
import type { Binding, Call, CallForm, Definition, Facts, Import, ImportForm, Scope, Variable } from './facts.ts';
import { Lines } from './line-index.ts';

/** What each capture of a language's query means. */
export type Syntax = Readonly<Record<string, (sweep: Sweep, node: Node) => void>>;

interface Open {
  readonly scope: number;
  readonly start: number;
  readonly end: number;
}

/** A call whose scope may still move. */
type DraftCall = [...Call];
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
export type Draft = Mutable<Definition>;

export interface ScopeOptions {
  readonly definition?: number;
  readonly owner?: number;
  readonly static?: boolean;
}

export class Sweep {
  readonly source: string;
  readonly definitions: Draft[] = [];
  readonly exports: Facts['exports'] = [];
  readonly reexports: Facts['reexports'] = [];
  readonly imports: Import[] = [];
  /** Definitions whose code starts at an offset that is still to come. */
  readonly pending = new Map<number, number>();
  /** Nodes that another capture has already spoken for. */
  readonly taken = new Set<number>();
  readonly #lines: Lines;
  readonly #scopes: Scope[] = [];
  readonly #open: Open[] = [];
  readonly #calls: DraftCall[] = [];
  readonly #callees = new Map<string, number>();
  #at = 0;

  constructor(source: string) {
    this.source = source;
    this.#lines = new Lines(source);
    this.#scopes.push({ parent: -1, kind: 'module', definition: -1, owner: -1, names: [] });
    this.#open.push({ scope: 0, start: 0, end: Number.POSITIVE_INFINITY });
  }

  /** Goes on to an offset: scopes that ended before it are left. */
  moveTo(offset: number): void {
    this.#at = offset;
    while ((this.#open.at(-1) as Open).end <= offset) this.#open.pop();
  }

  get scope(): Scope {
    return this.#scopes[this.scopeIndex] as Scope;
  }

  get scopeIndex(): number {
    return (this.#open.at(-1) as Open).scope;
  }

  /** Offset at which the open scope starts. */
  get scopeStart(): number {
    return (this.#open.at(-1) as Open).start;
  }

  /** The nearest open scope that `var` and `def` bind in. */
  get functionScope(): number {
    let index = this.scopeIndex;
    while (this.#scopes[index]?.kind === 'block') index = (this.#scopes[index] as Scope).parent;
    return index;
  }

  /** Opens a scope from the current offset on; what is not said is taken over from the scope around it. */
  enter(kind: Scope['kind'], end: number, options: ScopeOptions = {}): void {
    const outer = this.scope;
    const isStatic = options.static ?? (options.owner === undefined && outer.static === true);
    this.#scopes.push({
      parent: this.scopeIndex,
      kind,
      definition: options.definition ?? outer.definition,
      owner: options.owner ?? outer.owner,
      ...(isStatic ? { static: true } : {}),
      names: [],
    });
    this.#open.push({ scope: this.#scopes.length - 1, start: this.#at, end });
  }

  text(node: Node): string {
    return this.source.slice(node.startIndex, node.endIndex);
  }

  bind(name: string, binding: Binding, scope = this.scopeIndex): void {
    const names = (this.#scopes[scope] as Scope).names;
    const known = names.findIndex(([other]) => other === name);
    if (known < 0) names.push([name, binding]);
    else if ('definition' in binding || isUnknown((names[known] as [string, Binding])[1]))
      names[known] = [name, binding];
  }

  /** Index of the new definition. */
  define(node: Node, name: string, form: Definition['form'], more: Partial<Draft> = {}): number {
    const { startIndex: start, endIndex: end } = node;
    this.definitions.push({
      name,
      form,
      start,
      end,
      line: this.#lines.lineOf(start),
      endLine: this.#lines.lineOf(Math.max(start, end - 1)),
      parent: this.scope.definition,
      scope: this.scopeIndex,
      ...more,
    });
    return this.definitions.length - 1;
  }

  /** The definition of this name that an open scope binds, if it binds one. */
  find(name: string): number | undefined {
    for (let index = this.scopeIndex; index >= 0; index = (this.#scopes[index] as Scope).parent) {
      const binding = (this.#scopes[index] as Scope).names.find(([other]) => other === name)?.[1];
      if (binding) return 'definition' in binding ? binding.definition : undefined;
    }
    return undefined;
  }

  addMember(owner: number, name: string, member: number): void {
    const draft = this.definitions[owner];
    if (!draft) return;
    draft.members ??= [];
    draft.members.push([name, member]);
  }

  addField(owner: number, name: string, field: Omit<Variable, 'scope'>): void {
    const draft = this.definitions[owner];
    if (!draft) return;
    draft.fields ??= [];
    draft.fields.push([name, { ...field, scope: this.scopeIndex }]);
  }

  /** A call; `nameAt` is where the last name of its callee starts. */
  addCall(start: number, end: number, nameAt: number, callee: string, form: CallForm): void {
    let index = this.#callees.get(callee);
    if (index === undefined) {
      index = this.#callees.size;
      this.#callees.set(callee, index);
    }
    const line = this.#lines.lineOf(nameAt);
    this.#calls.push([start, end, line, this.#lines.columnOf(nameAt, line), this.scopeIndex, index, form]);
  }

  /** `form` is what the place itself says; in a function it comes later, if ever. */
  addImport(from: string, at: number, form: ImportForm, names?: readonly string[]): void {
    const later = this.#open.some(({ scope }) => this.#scopes[scope]?.kind === 'function');
    this.imports.push({
      from,
      line: this.#lines.lineOf(at),
      form: form === 'static' && later ? 'deferred' : form,
      ...defined({ names }),
    });
  }

  /** All that was gathered; scopes that bind nothing and change no `this` are left out. */
  facts(language: string, syntaxError?: string): Facts {
    const kept: Scope[] = [];
    const moved = this.#scopes.map(() => 0);
    const placed = new Set<object>();
    for (const [index, scope] of this.#scopes.entries()) {
      const outer = scope.parent < 0 ? undefined : (kept[moved[scope.parent] as number] as Scope);
      const adds =
        !outer ||
        scope.names.length > 0 ||
        scope.kind === 'class' ||
        scope.owner !== outer.owner ||
        scope.static !== outer.static;
      if (adds) kept.push({ ...scope, parent: outer ? (moved[scope.parent] as number) : -1 });
      moved[index] = adds ? kept.length - 1 : (moved[scope.parent] as number);
    }
    const place = (variable: { scope: number }): void => {
      variable.scope = moved[variable.scope] as number;
    };
    for (const draft of this.definitions) {
      place(draft);
      // Interfaces of one name share their fields: those are placed once.
      for (const [, field] of draft.fields ?? []) if (!placed.has(field)) place(field);
      for (const [, field] of draft.fields ?? []) placed.add(field);
    }
    for (const scope of kept) {
      for (const [, binding] of scope.names) if ('scope' in binding && !placed.has(binding)) place(binding);
    }
    for (const call of this.#calls) call[4] = moved[call[4]] as number;
    return {
      language,
      definitions: this.definitions,
      scopes: kept,
      calls: this.#calls.sort((a, b) => a[0] - b[0] || a[1] - b[1]),
      callees: [...this.#callees.keys()],
      exports: this.exports,
      reexports: this.reexports,
      imports: this.imports,
      ...(syntaxError ? { syntaxError } : {}),
    };
  }
}

function isUnknown(binding: Binding): boolean {
  return 'scope' in binding && binding.type === undefined && binding.value === undefined;
}
