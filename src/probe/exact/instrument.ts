/**
 * Instruments the functions of a text: calls the timer after the opening brace of each body, before its closing brace, and
 * at each `return` and `await`. Line numbers do not change. Errors are not caught, so that their stack traces look the same.
 *
 *   function f(x) {let $psV=$PS,$psT=$PS.m[7]<0?-1:$PS.b(7);try{ return $psV=(x + 1); ;$psV=0}finally{…}}
 *
 * `$psV` holds the timer itself until a value is returned or the end of the body is reached. If it still does in the
 * `finally` block, the function has thrown.
 */
import { type Node, type Options, parse } from 'acorn';
import type { ModuleKind } from './module-hooks.ts';
import { SourceEdits } from './source-edits.ts';

interface InstrumentedCode {
  readonly code: string;
  readonly edits: SourceEdits;
}

/** A function in the text that is being instrumented. */
interface FoundFunction {
  readonly name: string;
  /** Position of the parameter list, as in the inspector; line and column count from 0. */
  readonly line: number;
  readonly column: number;
}

/** Returns the row of a function's counters, or undefined to leave the function as it is. */
type RegisterFunction = (candidate: FoundFunction) => number | undefined;

type SyntaxNode = Node & { readonly [key: string]: unknown };

/** The function that encloses a node. */
interface Scope {
  /** Row of its counters, if it is instrumented. */
  readonly row?: number;
  /** True if it is instrumented and asynchronous. */
  readonly isAsync: boolean;
}

/**
 * Returns the instrumented code. Returns undefined if there is nothing to instrument, the code is already instrumented, or
 * it does not parse before or after. Generators are not instrumented.
 */
export function instrument(code: string, kind: ModuleKind, register: RegisterFunction): InstrumentedCode | undefined {
  if (code.includes('$psV')) return undefined;
  const sourceTypes = kind === 'either' ? (['commonjs', 'module'] as const) : [kind];
  for (const sourceType of sourceTypes) {
    const options: Options = { ecmaVersion: 'latest', sourceType, allowHashBang: true, locations: true };
    const arrows: number[] = [];
    const tree = parseOrUndefined(code, {
      ...options,
      onToken: ({ type, start }) => void (type.label === '=>' && arrows.push(start)),
    });
    if (!tree) continue;
    const edits = new SourceEdits();
    visit(tree as Node as SyntaxNode, { code, parents: [], scope: { isAsync: false }, arrows, edits, register });
    const result = edits.applyTo(code);
    // A function body may declare a name twice where the inserted `try` block may not; such code is left alone.
    return edits.size > 0 && parseOrUndefined(result, options) ? { code: result, edits } : undefined;
  }
  return undefined;
}

function parseOrUndefined(code: string, options: Options): Node | undefined {
  try {
    return parse(code, options);
  } catch {
    return undefined;
  }
}

interface WalkContext {
  readonly code: string;
  /** Enclosing nodes; the parent is last. */
  readonly parents: readonly SyntaxNode[];
  readonly scope: Scope;
  /** Offsets of all `=>` in the code, ascending. */
  readonly arrows: readonly number[];
  readonly edits: SourceEdits;
  readonly register: RegisterFunction;
}

function visit(node: SyntaxNode, context: WalkContext): void {
  const { row, isAsync } = context.scope;
  if (/^(Arrow)?Function(Declaration|Expression)$/.test(node.type)) visitFunction(node, context);
  else if (node.type === 'ReturnStatement' && row !== undefined) visitReturn(node, context);
  else if (node.type === 'AwaitExpression' && isAsync) visitAwait(node, context);
  else {
    // After an awaited promise was rejected, the call resumes here.
    const handler =
      node.type === 'CatchClause' ? node['body'] : node.type === 'TryStatement' ? node['finalizer'] : null;
    if (isAsync && isSyntaxNode(handler)) context.edits.add(handler.start + 1, '$PS.r($psA);');
    visitChildren(node, context);
  }
}

function visitChildren(node: SyntaxNode, context: WalkContext): void {
  const inner = { ...context, parents: [...context.parents.slice(-3), node] };
  for (const child of childrenOf(node)) visit(child, inner);
}

/** Returns the children in source order, each once, because a shorthand property refers to the same node twice. */
function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children = Object.values(node).flat().filter(isSyntaxNode);
  return [...new Set(children)].sort((a, b) => a.start - b.start);
}

function isSyntaxNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

function visitFunction(node: SyntaxNode, context: WalkContext): void {
  const { edits } = context;
  const body = node['body'] as SyntaxNode;
  const row = node['generator'] ? undefined : context.register(describeFunction(node, context.parents));
  const isAsync = row !== undefined && node['async'] === true;
  const inner: WalkContext = { ...context, scope: row === undefined ? { isAsync } : { row, isAsync } };
  // Default values of parameters run before the body and are not timed.
  for (const parameter of node['params'] as SyntaxNode[]) visit(parameter, { ...context, scope: { isAsync: false } });
  if (row === undefined) {
    visit(body, inner);
    return;
  }
  const [open, close] = isAsync ? asyncDelimiters(row, !hasAsyncLoop(body)) : syncDelimiters(row);
  if (body.type === 'BlockStatement') {
    const lastDirective = (body['body'] as SyntaxNode[]).findLast(({ directive }) => directive !== undefined);
    if (lastDirective) edits.add(lastDirective.end, `;${open}`);
    else edits.add(body.start + 1, open);
    visitChildren(body, inner);
    edits.add(body.end - 1, `;$psV=0${close}`);
    return;
  }
  edits.add(lastBefore(context.arrows, body.start) + 2, `{${open}return $psV=(${isAnonymous(body) ? '0,' : ''}`);
  visit(body, { ...inner, parents: [node] });
  edits.add(node.end, `)${close}}`);
}

/** Returns the largest of the ascending numbers that is below the limit. */
function lastBefore(ascending: readonly number[], limit: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) < limit) low = middle + 1;
    else high = middle;
  }
  return ascending[low - 1] ?? 0;
}

type Delimiters = readonly [open: string, close: string];

function syncDelimiters(row: number): Delimiters {
  return [
    `let $psV=$PS,$psT=$PS.m[${row}]<0?-1:$PS.b(${row});try{`,
    `}finally{if($psT!==-1)$PS.e(${row},$psT,$psV===$PS)}`,
  ];
}

function asyncDelimiters(row: number, separatesWaiting: boolean): Delimiters {
  return [
    `let $psV=$PS,$psA=$PS.m[${row}]<0?void 0:$PS.a(${row},${separatesWaiting ? 1 : 0});try{`,
    `}finally{if($psA)$PS.z($psA,$psV===$PS)}`,
  ];
}

function visitReturn(node: SyntaxNode, context: WalkContext): void {
  const { code, edits } = context;
  const value = node['argument'] as SyntaxNode | null;
  const afterKeyword = node.start + 'return'.length;
  if (value) {
    edits.add(afterKeyword, ` $psV=(${isAnonymous(value) ? '0,' : ''}`);
    visitChildren(node, context);
    edits.add(code[node.end - 1] === ';' ? node.end - 1 : node.end, ')');
  } else edits.add(afterKeyword, ' $psV=void 0');
}

function visitAwait(node: SyntaxNode, context: WalkContext): void {
  const { edits } = context;
  edits.add(node.start, '$PS.r($psA,');
  edits.add(node.start + 'await'.length, ' $PS.w($psA,(');
  visitChildren(node, context);
  edits.add(node.end, ')))');
}

/** Detects `for await`. No code can be inserted around its waits, so running and waiting cannot be told apart. */
function hasAsyncLoop(node: SyntaxNode): boolean {
  if (/Function(Declaration|Expression)$/.test(node.type)) return false;
  return node['await'] === true || childrenOf(node).some(hasAsyncLoop);
}

/** Detects functions and classes that an assignment would name; the `0,` inserted before them prevents that. */
function isAnonymous(node: SyntaxNode): boolean {
  return /^(Function|ArrowFunction|Class)Expression$/.test(node.type) && !node['id'];
}

function describeFunction(node: SyntaxNode, parents: readonly SyntaxNode[]): FoundFunction {
  const id = node['id'] as SyntaxNode | null | undefined;
  const start = node.loc?.start ?? { line: 1, column: 0 };
  const { line, column } = (id?.loc?.end ?? start) as { line: number; column: number };
  return { name: nameOf(node, parents), line: line - 1, column };
}

/** Returns the name that the inspector uses, prefixed by the class of a method. */
function nameOf(node: SyntaxNode, parents: readonly SyntaxNode[]): string {
  const name = textOf(node['id']);
  if (name) return name;
  const parent = parents.at(-1);
  if (!parent) return '';
  switch (parent.type) {
    case 'VariableDeclarator':
      return textOf(parent['id']);
    case 'AssignmentExpression':
    case 'AssignmentPattern':
      return textOf(parent['left']);
    case 'MethodDefinition':
    case 'PropertyDefinition': {
      // The class body is between the method and its class. An anonymous class takes the name of its variable.
      const className = textOf(parents.at(-3)?.['id']) || textOf(parents.at(-4)?.['id']);
      if (parent['kind'] === 'constructor') return className;
      return `${className ? `${className}.` : ''}${accessorPrefix(parent)}${textOf(parent['key'])}`;
    }
    case 'Property':
      return accessorPrefix(parent) + textOf(parent['key']);
    default:
      return '';
  }
}

function accessorPrefix(node: SyntaxNode): string {
  return node['kind'] === 'get' || node['kind'] === 'set' ? `${node['kind']} ` : '';
}

function textOf(value: unknown): string {
  if (!isSyntaxNode(value)) return '';
  if (value.type === 'Identifier') return String(value['name']);
  if (value.type === 'PrivateIdentifier') return `#${String(value['name'])}`;
  if (value.type === 'Literal') return String(value['value']);
  if (value.type === 'MemberExpression' && !value['computed']) return textOf(value['property']);
  return '';
}

// Re-exported for the bundle `wrap.cjs`. The preload loads it only when a function is timed exactly, and then needs the
// parser and the source maps.
export { SourceMaps } from '../source/source-maps.ts';
