/** Collects the facts of one file. The captures must be handled in source order, because it tracks the open scopes. */
import type { Node } from 'web-tree-sitter';
import { defined } from '../../../protocol/defined.ts';
import { type Expression, type ExpressionNode, ExpressionTable, unknown } from './facts/expression.ts';
import { addLater } from './facts/later-values.ts';
import { LineIndex } from './facts/line-index.ts';
import { type ScopeOptions, ScopeStack } from './facts/scope-stack.ts';
import type {
  Binding,
  Call,
  CallForm,
  Facts,
  FactsDefinition,
  Import,
  ImportForm,
  LexicalScope,
  TypeParameter,
  Variable,
} from './facts.ts';

/** Handlers for the captures of a language's query, by capture name. */
export type LanguageSyntax = Readonly<Record<string, (builder: FactsBuilder, node: Node) => void>>;

/** A call whose scope index may still change. */
type DraftCall = [...Call];
/** Functions with more `return` statements return too many values to be useful. */
const maxResults = 8;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
export type DefinitionDraft = Mutable<FactsDefinition>;

export class FactsBuilder {
  readonly source: string;
  readonly definitions: DefinitionDraft[] = [];
  readonly exports: Facts['exports'] = [];
  readonly reexports: Facts['reexports'] = [];
  readonly imports: Import[] = [];
  readonly ambientModules: [specifier: string, definition: number][] = [];
  /** Definitions whose code has not been reached yet, by the offset at which it starts. */
  readonly pending = new Map<number, number>();
  /** Ids of nodes that the handler of another capture has already covered. */
  readonly handledNodes = new Set<number>();
  /** Expressions by the id of their syntax node, so that a chain of calls is read once. */
  readonly expressionsByNode = new Map<number, Expression>();
  readonly stack = new ScopeStack();
  /** True if the grammar may have misread a part of the source without an error. */
  isAmbiguous = false;
  readonly #lines: LineIndex;
  readonly #calls: DraftCall[] = [];
  readonly #callees = new Map<string, number>();
  readonly #calleeValues: Record<number, Expression> = {};
  readonly #expressions = new ExpressionTable();

  /** True for JavaScript, where comments declare types. */
  readonly usesJsDoc: boolean;

  constructor(source: string, language: string) {
    this.source = source;
    this.usesJsDoc = language === 'javascript';
    this.#lines = new LineIndex(source);
  }

  /** Advances to an offset and leaves the scopes that end before it. */
  advanceTo(offset: number): void {
    this.stack.advanceTo(offset);
  }

  get scope(): LexicalScope {
    return this.stack.at(this.stack.current);
  }

  get scopeIndex(): number {
    return this.stack.current;
  }

  /** Opens a scope at the current offset. Options that are not given are inherited from the enclosing scope. */
  enterScope(kind: LexicalScope['kind'], end: number, options: ScopeOptions = {}): void {
    const scope = this.stack.enter(kind, end, options);
    const draft = this.definitions[options.callable ?? options.container ?? options.definition ?? -1];
    if (draft) draft.body = scope;
  }

  /** Adds a node of an expression. */
  express(...node: ExpressionNode): Expression {
    return this.#expressions.add(node);
  }

  /** Returns whether an expression is a call with a variable as its argument. */
  isDerived(value: Expression, name: string): boolean {
    const { nodes } = this.#expressions;
    const node = nodes[value];
    return node?.[0] === 'call' && node[2].some((part) => nodes[part]?.[0] === 'name' && nodes[part][1] === name);
  }

  /** Records a value that the innermost function returns. */
  addResult(value: Expression): void {
    const draft = this.definitions[this.stack.callable];
    if (!draft || draft.returns !== undefined) return;
    draft.results ??= [];
    if (draft.results.length < maxResults) draft.results.push({ value, scope: this.scopeIndex });
  }

  bindTypeParameters(parameters: readonly TypeParameter[] | undefined): void {
    for (const { name, constraint = '' } of parameters ?? []) {
      this.bind(name, { constraint, scope: this.scopeIndex });
    }
  }

  text(node: Node): string {
    return this.source.slice(node.startIndex, node.endIndex);
  }

  /** Binds a name in a scope. An existing binding is replaced by a definition, or if nothing is known about its value. */
  bind(name: string, binding: Binding, scope = this.stack.declarationScope): void {
    this.stack.bind(name, binding, scope);
  }

  /** Adds a definition and returns its index. */
  define(node: Node, name: string, form: FactsDefinition['form'], more: Partial<DefinitionDraft> = {}): number {
    const start = node.startIndex;
    const end = findCodeEnd(node, this.source);
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
    const binding = this.stack.find(name);
    return binding && 'definition' in binding ? binding.definition : undefined;
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

  /** Adds a field, or another value of a field without a declared type. */
  assignField(owner: number, name: string, field: Omit<Variable, 'scope'>): void {
    const existing = this.definitions[owner]?.fields?.find(([other]) => other === name)?.[1];
    if (!existing) this.addField(owner, name, field);
    else if (existing.type === undefined && (field.type !== undefined || field.value !== undefined)) {
      addLater(existing, { ...field, scope: this.scopeIndex });
    }
  }

  /**
   * @param nameStart offset of the last name of the callee, which determines the line and column of the call
   * @param value value of the callee, unless that is a plain name
   */
  addCall(
    start: number,
    end: number,
    nameStart: number,
    callee: string,
    form: CallForm,
    value: Expression = unknown,
  ): void {
    const key = `${callee}\0${value}`;
    let index = this.#callees.get(key);
    if (index === undefined) {
      index = this.#callees.size;
      this.#callees.set(key, index);
      if (value !== unknown) this.#calleeValues[index] = value;
    }
    const line = this.#lines.lineOf(nameStart);
    this.#calls.push([start, end, line, this.#lines.columnOf(nameStart, line), this.scopeIndex, index, form]);
  }

  /** Adds an import. A static import in a function is recorded as deferred, because the function may never run. */
  addImport(from: string, offset: number, form: ImportForm, names?: readonly string[]): void {
    this.imports.push({
      from,
      line: this.#lines.lineOf(offset),
      form: form === 'static' && this.stack.isInFunction ? 'deferred' : form,
      ...defined({ names }),
    });
  }

  /** Returns the facts. Scopes that bind no names and do not change `this` are merged into their parent. */
  build(language: string, syntaxError?: string): Facts {
    this.stack.advanceTo(this.source.length);
    const { scopes, indexes } = mergeScopes(this.stack);
    const updated = new Set<object>();
    const update = (item: { scope: number }): void => {
      // Merged interfaces and variables share their parts, which must be updated only once.
      if (updated.has(item)) return;
      updated.add(item);
      item.scope = indexes[item.scope] as number;
      if ('later' in item) for (const other of item.later as Variable[]) update(other);
      if ('branches' in item) for (const other of item.branches as Binding[]) if ('scope' in other) update(other);
    };
    for (const draft of this.definitions) {
      update(draft);
      if (draft.body !== undefined) draft.body = indexes[draft.body] as number;
      if (draft.computedBase) update(draft.computedBase);
      if (draft.decorated) update(draft.decorated);
      for (const [, field] of draft.fields ?? []) update(field);
      for (const result of draft.results ?? []) update(result);
    }
    for (const scope of scopes) for (const [, binding] of scope.names) if ('scope' in binding) update(binding);
    for (const call of this.#calls) call[4] = indexes[call[4]] as number;
    return {
      language,
      definitions: this.definitions,
      scopes,
      calls: this.#calls.sort((a, b) => a[0] - b[0] || a[1] - b[1]),
      callees: [...this.#callees.keys()].map((key) => key.slice(0, key.lastIndexOf('\0'))),
      calleeValues: this.#calleeValues,
      expressions: this.#expressions.nodes,
      exports: this.exports,
      reexports: this.reexports,
      imports: this.imports,
      ...(this.ambientModules.length > 0 ? { ambientModules: this.ambientModules } : {}),
      ...(syntaxError ? { syntaxError } : {}),
    };
  }
}

/** Returns the end of a node without the comments after its last block, which the grammars of JavaScript include. */
function findCodeEnd(node: Node, source: string): number {
  const { type, endIndex } = node;
  // Most nodes end with a bracket or are not JavaScript; to walk the tree would take longer than the rest of the definition.
  if (/^(?:function|class)_definition$/.test(type)) return endIndex;
  const lastCharacter = source[endIndex - 1] as string;
  if (lastCharacter === ')' || lastCharacter === ';' || (lastCharacter === '}' && node.lastChild?.type !== 'comment'))
    return endIndex;
  let last: Node | null = node;
  while (last && last.type !== '}') {
    last = last.lastChild;
    while (last?.type === 'comment') last = last.previousSibling;
  }
  return last?.endIndex ?? node.endIndex;
}

/** Returns the scopes that are needed and their new indexes. */
function mergeScopes(stack: ScopeStack): { readonly scopes: LexicalScope[]; readonly indexes: readonly number[] } {
  const scopes: LexicalScope[] = [];
  const indexes: number[] = [];
  for (const index of stack.scopes.keys()) {
    const scope = stack.withoutRepeatedNames(index);
    const parent = scope.parent < 0 ? -1 : (indexes[scope.parent] as number);
    const outer = scopes[parent];
    const isNeeded =
      !outer ||
      scope.names.length > 0 ||
      scope.kind === 'class' ||
      (scope.kind === 'function' && stack.hasFlows) ||
      scope.owner !== outer.owner ||
      scope.static !== outer.static;
    if (isNeeded) scopes.push({ ...scope, parent });
    indexes.push(isNeeded ? scopes.length - 1 : parent);
  }
  return { scopes, indexes };
}
