/** Reads expressions whose values can be derived from the syntax trees of JavaScript and TypeScript. */
import type { Node } from 'web-tree-sitter';
import { type Expression, unknown } from '../extract/facts/expression.ts';
import type { FactsBuilder } from '../extract/facts-builder.ts';
import { readSignature, readType } from './ecmascript-types.ts';

/** Deeper expressions are ignored, to bound the time for one of them. */
const maxDepth = 60;
const maxArguments = 5;

type Reader = (builder: FactsBuilder, node: Node, depth: number) => Expression;

const asType =
  (type: string): Reader =>
  (builder) =>
    builder.express('as', type);

const readInner: Reader = (builder, node, depth) => readValue(builder, node.firstNamedChild, depth + 1);
const readName: Reader = (builder, node) => builder.express('name', builder.text(node));

const readers: Readonly<Record<string, Reader>> = {
  identifier: readName,
  this: readName,
  super: readName,
  type_identifier: readName,
  shorthand_property_identifier: readName,
  undefined: asType('undefined'),
  null: asType('undefined'),
  string: asType('string'),
  template_string: asType('string'),
  number: asType('number'),
  true: asType('boolean'),
  false: asType('boolean'),
  regex: asType('RegExp'),
  parenthesized_expression: readInner,
  non_null_expression: readInner,
  instantiation_expression: readInner,
  member_expression: (builder, node, depth) => {
    const object = readValue(builder, node.childForFieldName('object'), depth + 1);
    const name = node.childForFieldName('property');
    return object === unknown || !name ? unknown : builder.express('member', object, builder.text(name));
  },
  subscript_expression: (builder, node, depth) => {
    const object = readValue(builder, node.childForFieldName('object'), depth + 1);
    const index = node.childForFieldName('index');
    if (object === unknown || !index) return unknown;
    const text = builder.text(index);
    if (/^\d+$/.test(text)) return builder.express('item', object, Number(text));
    return /^(['"])[\w$]+\1$/.test(text)
      ? builder.express('member', object, text.slice(1, -1))
      : builder.express('item', object);
  },
  call_expression: readCall,
  new_expression: (builder, node, depth) => {
    const callee = readValue(builder, node.childForFieldName('constructor'), depth + 1);
    if (callee === unknown) return unknown;
    return builder.express('new', callee, readArguments(builder, node, depth), ...readTypeArguments(builder, node));
  },
  await_expression: (builder, node, depth) => {
    const value = readValue(builder, node.firstNamedChild, depth + 1);
    return value === unknown ? unknown : builder.express('await', value);
  },
  as_expression: (builder, node, depth) => readCast(builder, node, node.firstNamedChild, node.namedChild(1), depth),
  satisfies_expression: readInner,
  type_assertion: (builder, node, depth) =>
    readCast(builder, node, node.namedChild(1), node.firstNamedChild?.firstNamedChild ?? null, depth),
  ternary_expression: (builder, node, depth) =>
    either(builder, [node.childForFieldName('consequence'), node.childForFieldName('alternative')], depth),
  binary_expression: (builder, node, depth) => {
    const operator = node.childForFieldName('operator')?.type ?? '';
    const [left, right] = [node.childForFieldName('left'), node.childForFieldName('right')];
    if (operator === '&&') return readValue(builder, right, depth + 1);
    if (operator === '||' || operator === '??') return either(builder, [left, right], depth);
    return builder.express('as', /^[<>=!]|^in/.test(operator) ? 'boolean' : 'number');
  },
  assignment_expression: (builder, node, depth) => readValue(builder, node.childForFieldName('right'), depth + 1),
  sequence_expression: (builder, node, depth) => readValue(builder, node.lastNamedChild, depth + 1),
  unary_expression: (builder, node) =>
    /^void/.test(builder.text(node)) ? builder.express('as', 'undefined') : builder.express('as', 'boolean'),
  arrow_function: readFunction,
  function_expression: readFunction,
  generator_function: readFunction,
  class: (builder, node) => defineLiteral(builder, node, 'class'),
  object: (builder, node) => defineLiteral(builder, node, 'object'),
  array: (builder, node, depth) => {
    const items = node.namedChildren.filter(({ type }) => type !== 'comment').slice(0, maxArguments);
    if (items.some(({ type }) => type === 'spread_element')) {
      const [first] = items;
      const spread = items.length === 1 && first ? readValue(builder, first.firstNamedChild, depth + 1) : unknown;
      return spread === unknown
        ? builder.express('as', 'unknown[]')
        : builder.express('list', builder.express('of', spread));
    }
    return builder.express('list', ...items.map((item) => readValue(builder, item, depth + 1)));
  },
};

/** Returns the value of an expression, or `unknown`. Functions and objects in it become definitions. */
export function readValue(builder: FactsBuilder, node: Node | null, depth = 0): Expression {
  if (!node || depth > maxDepth) return unknown;
  const cached = builder.expressionsByNode.get(node.id);
  if (cached !== undefined) return cached;
  const value = readers[node.type]?.(builder, node, depth) ?? unknown;
  builder.expressionsByNode.set(node.id, value);
  return value;
}

function either(builder: FactsBuilder, nodes: readonly (Node | null)[], depth: number): Expression {
  return builder.express('either', ...nodes.map((node) => readValue(builder, node, depth + 1)));
}

function readCast(builder: FactsBuilder, node: Node, value: Node | null, type: Node | null, depth: number): Expression {
  const isConst = /\bas\s+const$/.test(builder.source.slice(Math.max(0, node.endIndex - 12), node.endIndex));
  const text = isConst ? undefined : readType(builder, type, 'value');
  return text === undefined ? readValue(builder, value, depth + 1) : builder.express('as', text);
}

function readCall(builder: FactsBuilder, node: Node, depth: number): Expression {
  const callee = node.childForFieldName('function');
  if (!callee) return unknown;
  const name = builder.text(callee);
  if (name === 'require' || name === 'import') {
    const from = readModuleName(builder, node);
    if (from !== undefined) {
      return name === 'import' ? builder.express('module', from, true) : builder.express('module', from);
    }
  }
  const value = readValue(builder, callee, depth + 1);
  if (value === unknown) return unknown;
  return builder.express('call', value, readArguments(builder, node, depth), ...readTypeArguments(builder, node));
}

function readModuleName(builder: FactsBuilder, node: Node): string | undefined {
  const first = node.childForFieldName('arguments')?.firstNamedChild;
  const text = first ? builder.text(first) : '';
  return /^(['"`])[^'"`\\$]+\1$/.test(text) ? text.slice(1, -1) : undefined;
}

/** Returns the arguments of a call. Arguments of a template are not read. */
export function readArguments(builder: FactsBuilder, node: Node, depth = 0): Expression[] {
  const list = node.childForFieldName('arguments');
  if (list?.type !== 'arguments') return [];
  return list.namedChildren
    .filter(({ type }) => type !== 'comment')
    .slice(0, maxArguments)
    .map((argument) => readValue(builder, argument, depth + 1));
}

export function readTypeArguments(builder: FactsBuilder, node: Node): [] | [readonly string[]] {
  const list = node.childForFieldName('type_arguments');
  return list ? [list.namedChildren.map((type) => readType(builder, type, 'type') ?? 'unknown')] : [];
}

function readFunction(builder: FactsBuilder, node: Node): Expression {
  return defineLiteral(builder, node, 'lambda');
}

/** Returns the value of a function, class or object literal. It becomes a definition unless it is one. */
function defineLiteral(builder: FactsBuilder, node: Node, form: 'lambda' | 'object' | 'class'): Expression {
  const kind = form === 'object' ? 'object' : 'function';
  const pending = builder.pending.get(node.startIndex);
  if (pending !== undefined) return builder.express(kind, pending);
  // The capture of this node was handled already, so its definition would stay empty.
  if (node.startIndex <= builder.stack.offset) return unknown;
  const name = form === 'object' ? null : node.childForFieldName('name');
  const text = name ? builder.text(name) : '';
  const definition = builder.define(node, text, form === 'lambda' && name ? 'function' : form, {
    ...(form === 'lambda' ? readSignature(builder, node, text) : {}),
  });
  builder.pending.set(node.startIndex, definition);
  return builder.express(kind, definition);
}
