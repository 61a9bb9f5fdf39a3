/** Handlers for call sites: calls, constructions, tagged templates and decorators without a call. */
import type { Node } from 'web-tree-sitter';
import { plainNamePattern } from '../extract/facts/callee-text.ts';
import type { FactsBuilder } from '../extract/facts-builder.ts';
import { readCallee } from './ecmascript-expressions.ts';
import { readValue } from './ecmascript-values.ts';

export function handleCall(builder: FactsBuilder, node: Node): void {
  const args = node.childForFieldName('arguments');
  if (!args) return;
  const { source } = builder;
  const start = node.startIndex;
  const form = source[args.startIndex] === '`' ? 'tag' : 'call';
  const text = source.slice(start, args.startIndex);
  if (moduleCallPattern.test(text)) {
    addModuleCall(builder, node, args, text);
    if (text === 'import' && isInType(node)) return;
  }
  if (plainNamePattern.test(text) && text !== 'await') {
    builder.addCall(start, args.endIndex, start + text.lastIndexOf('.') + 1, text, form);
    return;
  }
  const functionNode = node.childForFieldName('function');
  if (!functionNode || (functionNode.type === 'identifier' && builder.text(functionNode) === 'await')) return;
  // The grammar parses `new new A()()` as a construction of the value of a call.
  if (functionNode.type === 'new_expression' && node.parent?.childForFieldName('constructor')?.id === node.id) return;
  const callee = readCallee(functionNode, source);
  if (callee.constructed) {
    // The grammar ends the construction at `!`, but the arguments of the call belong to the construction.
    builder.handledNodes.add(callee.constructed.id);
    builder.addCall(callee.start, args.endIndex, callee.nameStart, callee.text, 'new');
    return;
  }
  const value = readValue(builder, functionNode);
  builder.addCall(callee.start, args.endIndex, callee.nameStart, callee.text, form, value);
}

/** Matches calls that load a module. */
const moduleCallPattern = /^(?:require|import(?:\.defer|\.source)?)$/;
const literalPattern = /^\(\s*(['"`])([^'"`\\$]+)\1\s*[,)]/;

/** Adds the import of `require('x')` or `import('x')`. Modules whose name is computed are ignored. */
function addModuleCall(builder: FactsBuilder, node: Node, args: Node, callee: string): void {
  const from = literalPattern.exec(builder.text(args))?.[2];
  if (from === undefined) return;
  const form = callee === 'import' && isInType(node) ? 'type' : isGuarded(node) ? 'optional' : undefined;
  builder.addImport(from, node.startIndex, form ?? (callee === 'require' ? 'static' : 'deferred'));
}

/** Returns whether the code handles a missing module: with a `try` around the call or a `.catch` after it. */
function isGuarded(node: Node): boolean {
  let inner = node;
  for (let ancestor = node.parent; ancestor; ancestor = ancestor.parent) {
    if (ancestor.type === 'try_statement' && ancestor.childForFieldName('body')?.id === inner.id) return true;
    if (ancestor.type === 'member_expression' && ancestor.childForFieldName('property')?.text === 'catch') return true;
    inner = ancestor;
  }
  return false;
}

export function handleNew(builder: FactsBuilder, node: Node): void {
  if (builder.handledNodes.has(node.id)) return;
  const constructed = node.childForFieldName('constructor');
  if (!constructed) return;
  const text = builder.text(constructed);
  if (plainNamePattern.test(text)) {
    const nameStart = constructed.startIndex + text.lastIndexOf('.') + 1;
    builder.addCall(node.startIndex, node.endIndex, nameStart, text, 'new');
    return;
  }
  const callee = readCallee(constructed, builder.source);
  const value = readValue(builder, constructed);
  builder.addCall(node.startIndex, node.endIndex, callee.nameStart, callee.text, 'new', value);
}

export function handleDecorator(builder: FactsBuilder, node: Node): void {
  const applied = node.firstNamedChild;
  if (!applied) return;
  const text = builder.text(applied);
  // The grammar sees a name instead of an expression that it does not support.
  const name = plainNamePattern.test(text) ? text : decoratorName.exec(text)?.[1];
  const nameStart = applied.startIndex + (name ? text.lastIndexOf(name) + name.lastIndexOf('.') + 1 : 0);
  builder.addCall(node.startIndex, node.endIndex, nameStart, name ?? '?', 'decorator');
}

const decoratorName = /^[(\s]*([\w$]+(?:\.#?[\w$]+)*)(?:<[\s\S]*>)?[)\s]*$/;

/** Handles `a > (b)`. With a `<` before it, as in `f<typeof import('x')>(b)`, it is usually a call with type arguments. */
export function handleComparison(builder: FactsBuilder, node: Node): void {
  const right = node.childForFieldName('right');
  if (!right || builder.isAmbiguous) return;
  const { source } = builder;
  if (!'(`'.includes(source[right.startIndex] as string)) return;
  builder.isAmbiguous = source.lastIndexOf('<', right.startIndex) > source.lastIndexOf(';', right.startIndex);
}

const typeNodePattern =
  /^(type_|generic_type|nested_type|union_type|intersection_type|array_type|lookup_type|conditional_type|function_type|parenthesized_type|object_type|tuple_type|index_type|constraint|default_type|readonly_type)/;
const castNodePattern = /^(?:as|satisfies)_expression$/;
const codeNodePattern = /statement|declaration$|program|arguments$|arrow_function|_body$/;

/** Returns whether an `import(…)` is part of a type, as in `typeof import('x')` and `x as import('x').T`. */
function isInType(node: Node): boolean {
  let inner = node;
  for (let ancestor = node.parent; ancestor; ancestor = ancestor.parent) {
    const { type } = ancestor;
    if (typeNodePattern.test(type)) return true;
    if (codeNodePattern.test(type)) return false;
    // The grammar parses the type after `as` as an expression.
    if (castNodePattern.test(type) && ancestor.lastNamedChild?.id === inner.id) return true;
    inner = ancestor;
  }
  return false;
}
