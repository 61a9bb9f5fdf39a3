/**
 * Instruments the functions of a text: calls the timer after the opening brace of each body, before its closing brace, and
 * at each `return`, `await` and `yield`. Line numbers do not change. Errors are not caught, so that their stack traces look
 * the same.
 *
 *   function f(x) {let $psV=$PS,$psT=$PS.m[7]<0?-1:$PS.b(7);try{ return $psV=(x + 1); ;$psV=0}finally{…}}
 *
 * `$psV` holds the timer itself until a value is returned or the end of the body is reached. If it still does in the
 * `finally` block, the function has thrown.
 */
import { type Options, parse } from 'acorn';
import type { ModuleKind } from './module-hooks.ts';
import { instrumentClass } from './syntax/class-initializers.ts';
import { resolveConflicts } from './syntax/declaration-conflicts.ts';
import { resumableDelimiters, syncDelimiters } from './syntax/delimiters.ts';
import type { FoundFunction, RegisterFunction } from './syntax/found-function.ts';
import { namesOf } from './syntax/function-name.ts';
import { SourceEdits } from './syntax/source-edits.ts';
import {
  type Ancestor,
  childrenOf,
  indexBelow,
  isAnonymous,
  isClass,
  isFunction,
  isSyntaxNode,
  lineStartsOf,
  type SyntaxNode,
} from './syntax/syntax-tree.ts';
import { instrumentTopLevel } from './syntax/top-level.ts';

export type InstrumentResult =
  | { readonly kind: 'instrumented'; readonly code: string; readonly edits: SourceEdits }
  /** There is nothing to instrument, or `problem` prevents it. */
  | { readonly kind: 'unchanged'; readonly problem?: string }
  /** The instrumented code would not be accepted; with fewer functions it may be. */
  | { readonly kind: 'invalid'; readonly problem: string };

/** The function that encloses a node. */
interface Scope {
  /** Row of its counters, if it is instrumented. */
  readonly row?: number;
  /** True if it is instrumented and asynchronous. */
  readonly isAsync: boolean;
  /** True if it is instrumented and a generator. */
  readonly isGenerator: boolean;
}

export interface WalkContext {
  readonly code: string;
  readonly ancestors: Ancestor | undefined;
  readonly scope: Scope;
  readonly edits: SourceEdits;
  readonly register: RegisterFunction;
  readonly positions: Positions;
}

/** Positions in the text, all as ascending offsets. */
interface Positions {
  readonly lineStarts: readonly number[];
  readonly arrows: readonly number[];
  readonly openBrackets: readonly number[];
}

const conflictProblem =
  'it declares a function whose name is used again in an inner block or by eval, and a timer would change which one is meant';
const noScope: Scope = { isAsync: false, isGenerator: false };
const sourceTypes = {
  module: ['module'],
  commonjs: ['commonjs'],
  script: ['script'],
  either: ['commonjs', 'module'],
} as const;

/** Returns the instrumented code. Functions that cannot be instrumented without changing their behavior are left out. */
export function instrument(code: string, kind: ModuleKind, register: RegisterFunction): InstrumentResult {
  if (code.includes('$psV')) return { kind: 'unchanged', problem: 'its code contains the name $psV' };
  let problem: string | undefined;
  for (const sourceType of sourceTypes[kind]) {
    const options: Options = { ecmaVersion: 'latest', sourceType, allowHashBang: true };
    const positions = { lineStarts: lineStartsOf(code), arrows: [] as number[], openBrackets: [] as number[] };
    const tree = tryParse(code, {
      ...options,
      onToken: ({ type: { label }, start }) => {
        if (label === '=>') positions.arrows.push(start);
        else if (label === '(') positions.openBrackets.push(start);
      },
    });
    if (typeof tree === 'string') {
      problem ??= `it could not be parsed: ${tree}`;
      continue;
    }
    const edits = new SourceEdits();
    const context = { code, ancestors: undefined, scope: noScope, edits, register, positions };
    // The result of a script is the value of its last statement.
    const addClosing = sourceType === 'script' ? undefined : instrumentTopLevel(tree, context);
    visit(tree, context);
    addClosing?.();
    if (edits.size === 0) return { kind: 'unchanged' };
    const result = edits.applyTo(code);
    const checked = tryParse(result, options);
    if (typeof checked !== 'string') return { kind: 'instrumented', code: result, edits };
    return { kind: 'invalid', problem: `its instrumented code would not be valid: ${checked}` };
  }
  return { kind: 'unchanged', ...(problem === undefined ? {} : { problem }) };
}

/** Returns the syntax tree, or the message of the parser. */
function tryParse(code: string, options: Options): SyntaxNode | string {
  try {
    return parse(code, options) as unknown as SyntaxNode;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function visit(node: SyntaxNode, context: WalkContext): void {
  const { row, isAsync, isGenerator } = context.scope;
  if (isFunction(node)) visitFunction(node, context);
  else if (node.type === 'ReturnStatement' && row !== undefined) visitReturn(node, context);
  else if (node.type === 'AwaitExpression' && isAsync) visitSuspension(node, context, 'r', 'w');
  else if (node.type === 'YieldExpression' && isGenerator) visitSuspension(node, context, 'n', 'y');
  else if (node.type === 'StaticBlock') visitChildren(node, { ...context, scope: noScope });
  else if (isClass(node)) visitClass(node, context);
  else {
    addResumption(node, context);
    visitChildren(node, context);
  }
}

function visitClass(node: SyntaxNode, context: WalkContext): void {
  const addClosings = instrumentClass(node, context, (offset) => positionOf(context, offset));
  visitChildren(node, context);
  addClosings();
}

/** After an awaited promise was rejected, or the caller ended a generator, the call resumes in a `catch` or `finally`. */
function addResumption(node: SyntaxNode, { scope: { isAsync, isGenerator }, edits }: WalkContext): void {
  if (!isAsync && !isGenerator) return;
  const isCatch = node.type === 'CatchClause';
  const handler = isCatch ? node['body'] : node.type === 'TryStatement' ? node['finalizer'] : undefined;
  if (!isSyntaxNode(handler)) return;
  const method = !isGenerator ? 'r' : isCatch ? 'n' : 'f';
  edits.add(handler.start + 1, `$PS.${method}($psA);`);
}

export function visitChildren(node: SyntaxNode, context: WalkContext): void {
  const inner = { ...context, ancestors: { node, up: context.ancestors } };
  for (const child of childrenOf(node)) visit(child, inner);
}

function visitFunction(node: SyntaxNode, context: WalkContext): void {
  const { edits } = context;
  const body = node['body'] as SyntaxNode;
  const isArrow = body.type !== 'BlockStatement';
  const conflicts = isArrow ? undefined : resolveConflicts(body);
  const description = describeFunction(node, context);
  const isPossible = isArrow || conflicts !== undefined;
  const registered = context.register(isPossible ? description : { ...description, problem: conflictProblem });
  const row = isPossible ? registered : undefined;
  const isGenerator = row !== undefined && node['generator'] === true;
  const isAsync = row !== undefined && node['async'] === true;
  const ancestors = { node, up: context.ancestors };
  const inner = { ...context, ancestors, scope: row === undefined ? noScope : { row, isAsync, isGenerator } };
  // Default values of parameters run before the body and are not timed.
  for (const parameter of node['params'] as SyntaxNode[]) visit(parameter, { ...inner, scope: noScope });
  if (row === undefined) {
    visit(body, inner);
    return;
  }
  const [open, close] = isAsync || isGenerator ? resumableDelimiters(row, !hasAsyncLoop(body)) : syncDelimiters(row);
  if (!conflicts) {
    const arrow = context.positions.arrows[indexBelow(context.positions.arrows, body.start)] ?? 0;
    edits.add(arrow + '=>'.length, `{${open}return $psV=(${isAnonymous(body) ? '0,' : ''}`);
    visit(body, inner);
    edits.add(node.end, `)${close}}`);
    return;
  }
  const hoisted = conflicts.hoistedNames.length > 0 ? `var ${conflicts.hoistedNames.join()};` : '';
  const lastDirective = (body['body'] as SyntaxNode[]).findLast(({ directive }) => directive !== undefined);
  if (lastDirective) edits.add(lastDirective.end, `;${hoisted}${open}`);
  else edits.add(body.start + 1, hoisted + open);
  for (const { offset, text } of conflicts.openings) edits.add(offset, text);
  visitChildren(body, inner);
  for (const { offset, text } of conflicts.closings) edits.add(offset, text);
  edits.add(body.end - 1, `;$psV=0${close}`);
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

/** Turns `await x` into `$PS.r($psA, await $PS.w($psA,(x)))`, and `yield` in the same way. */
function visitSuspension(node: SyntaxNode, context: WalkContext, resume: string, suspend: string): void {
  const { edits } = context;
  const value = node['argument'] as SyntaxNode | null;
  edits.add(node.start, `$PS.${resume}($psA,`);
  if (!value) {
    edits.add(node.end, ` $PS.${suspend}($psA))`);
    return;
  }
  edits.add(
    node['delegate'] ? endOfDelegation(context.code, node.start) : node.start + 'await'.length,
    ` $PS.${suspend}($psA,(`,
  );
  visitChildren(node, context);
  edits.add(node.end, ')))');
}

/** Returns the offset after `yield*`, which may contain comments. */
function endOfDelegation(code: string, start: number): number {
  const delegation = /yield(?:\s|\/\*[\s\S]*?\*\/|\/\/.*)*\*/y;
  delegation.lastIndex = start;
  return delegation.exec(code) ? delegation.lastIndex : start;
}

/** Detects `for await`. No code can be inserted around its waits, so running and waiting cannot be distinguished. */
function hasAsyncLoop(node: SyntaxNode): boolean {
  if (isFunction(node)) return false;
  return node['await'] === true || childrenOf(node).some(hasAsyncLoop);
}

function describeFunction(node: SyntaxNode, context: WalkContext): FoundFunction {
  const nameEnd = (node['id'] as SyntaxNode | null | undefined)?.end ?? node.start;
  const { openBrackets } = context.positions;
  const isArrow = node.type === 'ArrowFunctionExpression';
  const offset = isArrow ? node.start : (openBrackets[indexBelow(openBrackets, nameEnd) + 1] ?? node.start);
  return { ...namesOf(node, context.ancestors), ...positionOf(context, offset), kind: 'function' };
}

/** Returns the line and column of an offset; both count from 0. */
function positionOf({ positions }: WalkContext, offset: number): { readonly line: number; readonly column: number } {
  const line = indexBelow(positions.lineStarts, offset + 1);
  return { line, column: offset - (positions.lineStarts[line] as number) };
}

// Re-exported for the bundle `wrap.cjs`. The preload loads it only when a function is timed exactly, and then needs the
// parser, the source maps and the names of callbacks.
export { SourceMaps } from '../source/source-maps.ts';
export { SourceNames } from '../source/source-names.ts';
