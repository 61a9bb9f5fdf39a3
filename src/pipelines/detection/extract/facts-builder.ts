/** Collects the facts of one file. The captures must be handled in source order, because it tracks the open scopes. */
import type { Node } from 'web-tree-sitter';
import { defined } from '../../../protocol/defined.ts';
import type {
  Binding,
  Call,
  CallForm,
  Facts,
  FactsDefinition,
  Import,
  ImportForm,
  LexicalScope,
  Variable,
} from './facts.ts';
import { LineIndex } from './line-index.ts';

/** Handlers for the captures of a language's query, by capture name. */
export type LanguageSyntax = Readonly<Record<string, (builder: FactsBuilder, node: Node) => void>>;

interface OpenScope {
  readonly scope: number;
  readonly start: number;
  readonly end: number;
}

/** A call whose scope index may still change. */
type DraftCall = [...Call];
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
export type DefinitionDraft = Mutable<FactsDefinition>;

export interface ScopeOptions {
  readonly definition?: number;
  readonly owner?: number;
  readonly static?: boolean;
}

export class FactsBuilder {
  readonly source: string;
  readonly definitions: DefinitionDraft[] = [];
  readonly exports: Facts['exports'] = [];
  readonly reexports: Facts['reexports'] = [];
  readonly imports: Import[] = [];
  /** Definitions whose code has not been reached yet, by the offset at which it starts. */
  readonly pending = new Map<number, number>();
  /** Ids of nodes that the handler of another capture has already covered. */
  readonly handledNodes = new Set<number>();
  readonly #lines: LineIndex;
  readonly #scopes: LexicalScope[] = [];
  readonly #open: OpenScope[] = [];
  readonly #calls: DraftCall[] = [];
  readonly #callees = new Map<string, number>();
  #offset = 0;

  constructor(source: string) {
    this.source = source;
    this.#lines = new LineIndex(source);
    this.#scopes.push({ parent: -1, kind: 'module', definition: -1, owner: -1, names: [] });
    this.#open.push({ scope: 0, start: 0, end: Number.POSITIVE_INFINITY });
  }

  /** Advances to an offset and leaves the scopes that end before it. */
  advanceTo(offset: number): void {
    this.#offset = offset;
    while ((this.#open.at(-1) as OpenScope).end <= offset) this.#open.pop();
  }

  get scope(): LexicalScope {
    return this.#scopes[this.scopeIndex] as LexicalScope;
  }

  get scopeIndex(): number {
    return (this.#open.at(-1) as OpenScope).scope;
  }

  /** Offset at which the innermost open scope starts. */
  get scopeStart(): number {
    return (this.#open.at(-1) as OpenScope).start;
  }

  /** Index of the innermost open scope that is not a block; `var` binds its names there. */
  get functionScope(): number {
    let index = this.scopeIndex;
    while (this.#scopes[index]?.kind === 'block') index = (this.#scopes[index] as LexicalScope).parent;
    return index;
  }

  /** Opens a scope at the current offset. Options that are not given are inherited from the enclosing scope. */
  enterScope(kind: LexicalScope['kind'], end: number, options: ScopeOptions = {}): void {
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
    this.#open.push({ scope: this.#scopes.length - 1, start: this.#offset, end });
  }

  text(node: Node): string {
    return this.source.slice(node.startIndex, node.endIndex);
  }

  /** Binds a name in a scope. An existing binding is replaced by a definition, or if nothing is known about its value. */
  bind(name: string, binding: Binding, scope = this.scopeIndex): void {
    const names = (this.#scopes[scope] as LexicalScope).names;
    const index = names.findIndex(([other]) => other === name);
    if (index < 0) names.push([name, binding]);
    else if ('definition' in binding || isUnknown((names[index] as [string, Binding])[1]))
      names[index] = [name, binding];
  }

  /** Adds a definition and returns its index. */
  define(node: Node, name: string, form: FactsDefinition['form'], more: Partial<DefinitionDraft> = {}): number {
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

  /** Looks a name up in the open scopes. Returns undefined if it is not bound or is not bound to a definition. */
  findDefinition(name: string): number | undefined {
    for (let index = this.scopeIndex; index >= 0; index = (this.#scopes[index] as LexicalScope).parent) {
      const binding = (this.#scopes[index] as LexicalScope).names.find(([other]) => other === name)?.[1];
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

  /** @param nameStart offset of the last name of the callee, which determines the line and column of the call */
  addCall(start: number, end: number, nameStart: number, callee: string, form: CallForm): void {
    let index = this.#callees.get(callee);
    if (index === undefined) {
      index = this.#callees.size;
      this.#callees.set(callee, index);
    }
    const line = this.#lines.lineOf(nameStart);
    this.#calls.push([start, end, line, this.#lines.columnOf(nameStart, line), this.scopeIndex, index, form]);
  }

  /** Adds an import. A static import in a function is recorded as deferred, because the function may never run. */
  addImport(from: string, offset: number, form: ImportForm, names?: readonly string[]): void {
    const isInFunction = this.#open.some(({ scope }) => this.#scopes[scope]?.kind === 'function');
    this.imports.push({
      from,
      line: this.#lines.lineOf(offset),
      form: form === 'static' && isInFunction ? 'deferred' : form,
      ...defined({ names }),
    });
  }

  /** Returns the facts. Scopes that bind no names and do not change `this` are merged into their parent. */
  build(language: string, syntaxError?: string): Facts {
    const scopes: LexicalScope[] = [];
    const newIndexes = this.#scopes.map(() => 0);
    const updated = new Set<object>();
    for (const [index, scope] of this.#scopes.entries()) {
      const outer = scope.parent < 0 ? undefined : (scopes[newIndexes[scope.parent] as number] as LexicalScope);
      const isNeeded =
        !outer ||
        scope.names.length > 0 ||
        scope.kind === 'class' ||
        scope.owner !== outer.owner ||
        scope.static !== outer.static;
      if (isNeeded) scopes.push({ ...scope, parent: outer ? (newIndexes[scope.parent] as number) : -1 });
      newIndexes[index] = isNeeded ? scopes.length - 1 : (newIndexes[scope.parent] as number);
    }
    const updateScope = (item: { scope: number }): void => {
      item.scope = newIndexes[item.scope] as number;
    };
    for (const draft of this.definitions) {
      updateScope(draft);
      // Merged interfaces share their fields, which must be updated only once.
      for (const [, field] of draft.fields ?? []) if (!updated.has(field)) updateScope(field);
      for (const [, field] of draft.fields ?? []) updated.add(field);
    }
    for (const scope of scopes) {
      for (const [, binding] of scope.names) if ('scope' in binding && !updated.has(binding)) updateScope(binding);
    }
    for (const call of this.#calls) call[4] = newIndexes[call[4]] as number;
    return {
      language,
      definitions: this.definitions,
      scopes,
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
