/**
 * Puts a clock into every function of a text: after its opening brace, before its closing one, at each `return` and
 * `await`. Nothing else changes; lines keep their numbers, a thrown error is not caught and so looks as it did.
 *
 *   function f(x) {let $psV=$PS,$psT=$PS.m[7]<0?-1:$PS.b(7);try{ return $psV=(x + 1); ;$psV=0}finally{…}}
 *
 * `$psV` stays the timer itself until a value is returned or the end is reached, so what is thrown is told from what
 * returns. Generators are left as they are. A text that the parser does not take, before or after, is left alone.
 */
import { type Node, type Options, parse } from 'acorn';
import type { Kind } from './module-hooks.ts';
import { Insertions } from './source-edits.ts';

export interface Wrapped {
  readonly code: string;
  readonly insertions: Insertions;
}

/** A function as it stands in the text. */
export interface Found {
  readonly name: string;
  /** From 0, where the inspector places it: at the parameter list. */
  readonly line: number;
  readonly column: number;
}

/** Gives a function its row, or none. */
export type Enlist = (found: Found) => number | undefined;

type Tree = Node & { readonly [key: string]: unknown };

interface Scope {
  /** Row of the function around, where it is wrapped. */
  readonly row?: number;
  readonly waits: boolean;
}

export function wrap(code: string, kind: Kind, enlist: Enlist): Wrapped | undefined {
  if (code.includes('$psV')) return undefined;
  const sourceTypes = kind === 'either' ? (['commonjs', 'module'] as const) : [kind];
  for (const sourceType of sourceTypes) {
    const options: Options = { ecmaVersion: 'latest', sourceType, allowHashBang: true, locations: true };
    const arrows: number[] = [];
    const tree = parsed(code, {
      ...options,
      onToken: ({ type, start }) => void (type.label === '=>' && arrows.push(start)),
    });
    if (!tree) continue;
    const insertions = new Insertions();
    visit(tree as Node as Tree, { code, parents: [], scope: { waits: false }, arrows, insertions, enlist });
    const result = insertions.into(code);
    // What a body may declare twice, a block may not: such a text is not for us.
    return insertions.size > 0 && parsed(result, options) ? { code: result, insertions } : undefined;
  }
  return undefined;
}

function parsed(code: string, options: Options): Node | undefined {
  try {
    return parse(code, options);
  } catch {
    return undefined;
  }
}

interface Walk {
  readonly code: string;
  /** Nearest last. */
  readonly parents: readonly Tree[];
  readonly scope: Scope;
  readonly arrows: readonly number[];
  readonly insertions: Insertions;
  readonly enlist: Enlist;
}

function visit(node: Tree, walk: Walk): void {
  const { waits } = walk.scope;
  if (/^(Arrow)?Function(Declaration|Expression)$/.test(node.type)) visitFunction(node, walk);
  else if (node.type === 'ReturnStatement' && walk.scope.row !== undefined) visitReturn(node, walk);
  else if (node.type === 'AwaitExpression' && waits) visitAwait(node, walk);
  else {
    // Where an awaited promise was rejected the call is back on the stack.
    const landing =
      node.type === 'CatchClause' ? node['body'] : node.type === 'TryStatement' ? node['finalizer'] : null;
    if (waits && isTree(landing)) walk.insertions.add(landing.start + 1, '$PS.r($psA);');
    visitChildren(node, walk);
  }
}

function visitChildren(node: Tree, walk: Walk): void {
  const inner = { ...walk, parents: [...walk.parents.slice(-3), node] };
  for (const child of childrenOf(node)) visit(child, inner);
}

/** In the order of the text. A shorthand property has one node twice. */
function childrenOf(node: Tree): Tree[] {
  const children = Object.values(node).flat().filter(isTree);
  return [...new Set(children)].sort((a, b) => a.start - b.start);
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

function visitFunction(node: Tree, walk: Walk): void {
  const body = node['body'] as Tree;
  const row = node['generator'] ? undefined : walk.enlist(foundAt(node, walk.parents));
  const waits = row !== undefined && node['async'] === true;
  const inner: Walk = { ...walk, scope: row === undefined ? { waits } : { row, waits } };
  // Defaults of parameters run before the body, outside of what is timed.
  for (const parameter of node['params'] as Tree[]) visit(parameter, { ...walk, scope: { waits: false } });
  if (row === undefined) {
    visit(body, inner);
    return;
  }
  const [open, close] = waits ? brackets.waiting(row, !loopsWaiting(body)) : brackets.plain(row);
  if (body.type === 'BlockStatement') {
    const directives = (body['body'] as Tree[]).filter((one) => one['directive'] !== undefined);
    const last = directives.at(-1);
    walk.insertions.add(last ? last.end : body.start + 1, (last ? ';' : '') + open);
    visitChildren(body, inner);
    walk.insertions.add(body.end - 1, `;$psV=0${close}`);
    return;
  }
  walk.insertions.add(lastBefore(walk.arrows, body.start) + 2, `{${open}return $psV=(${nameless(body) ? '0,' : ''}`);
  visit(body, { ...inner, parents: [node] });
  walk.insertions.add(node.end, `)${close}}`);
}

/** The largest of ascending numbers that is below a limit. */
function lastBefore(ascending: readonly number[], limit: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) < limit) low = middle + 1;
    else high = middle;
  }
  return ascending[low - 1] ?? 0;
}

const brackets = {
  plain: (row: number) =>
    [
      `let $psV=$PS,$psT=$PS.m[${row}]<0?-1:$PS.b(${row});try{`,
      `}finally{if($psT!==-1)$PS.e(${row},$psT,$psV===$PS)}`,
    ] as const,
  waiting: (row: number, divides: boolean) =>
    [
      `let $psV=$PS,$psA=$PS.m[${row}]<0?void 0:$PS.a(${row},${divides ? 1 : 0});try{`,
      `}finally{if($psA)$PS.z($psA,$psV===$PS)}`,
    ] as const,
};

function visitReturn(node: Tree, walk: Walk): void {
  const { code, insertions } = walk;
  const value = node['argument'] as Tree | null;
  const after = node.start + 'return'.length;
  if (value) {
    insertions.add(after, ` $psV=(${nameless(value) ? '0,' : ''}`);
    visitChildren(node, walk);
    insertions.add(code[node.end - 1] === ';' ? node.end - 1 : node.end, ')');
  } else insertions.add(after, ' $psV=void 0');
}

function visitAwait(node: Tree, walk: Walk): void {
  const { insertions } = walk;
  insertions.add(node.start, '$PS.r($psA,');
  insertions.add(node.start + 'await'.length, ' $PS.w($psA,(');
  visitChildren(node, walk);
  insertions.add(node.end, ')))');
}

/** Whether a loop waits by itself, where nothing can be inserted: then running is not told from waiting. */
function loopsWaiting(node: Tree): boolean {
  if (/Function(Declaration|Expression)$/.test(node.type)) return false;
  return node['await'] === true || childrenOf(node).some(loopsWaiting);
}

/** Whether a function or class would take its name from what it is assigned to. */
function nameless(node: Tree): boolean {
  return /^(Function|ArrowFunction|Class)Expression$/.test(node.type) && !node['id'];
}

function foundAt(node: Tree, parents: readonly Tree[]): Found {
  const id = node['id'] as Tree | null | undefined;
  const start = node.loc?.start ?? { line: 1, column: 0 };
  const { line, column } = (id?.loc?.end ?? start) as { line: number; column: number };
  return { name: nameOf(node, parents), line: line - 1, column };
}

/** As the inspector names it, with the class before it. */
function nameOf(node: Tree, parents: readonly Tree[]): string {
  const own = textOf(node['id']);
  if (own) return own;
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
      // Between the method and its class stands the class's body; a class without a name may be in a variable.
      const family = textOf(parents.at(-3)?.['id']) || textOf(parents.at(-4)?.['id']);
      if (parent['kind'] === 'constructor') return family;
      return `${family ? `${family}.` : ''}${accessor(parent)}${textOf(parent['key'])}`;
    }
    case 'Property':
      return accessor(parent) + textOf(parent['key']);
    default:
      return '';
  }
}

function accessor(node: Tree): string {
  return node['kind'] === 'get' || node['kind'] === 'set' ? `${node['kind']} ` : '';
}

function textOf(value: unknown): string {
  if (!isTree(value)) return '';
  if (value.type === 'Identifier') return String(value['name']);
  if (value.type === 'PrivateIdentifier') return `#${String(value['name'])}`;
  if (value.type === 'Literal') return String(value['value']);
  if (value.type === 'MemberExpression' && !value['computed']) return textOf(value['property']);
  return '';
}

export { Origins } from '../source/source-maps.ts';
