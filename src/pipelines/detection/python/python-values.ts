/** Reads values and types from the syntax trees of Python. */
import type { Node } from 'web-tree-sitter';
import { type Expression, unknown } from '../extract/facts/expression.ts';
import type { FactsBuilder } from '../extract/facts-builder.ts';

/** Deeper expressions are ignored, to bound the time for one of them. */
const maxDepth = 60;
const maxArguments = 4;
const maxTypeLength = 1000;

type Reader = (builder: FactsBuilder, node: Node, depth: number) => Expression;

const asType =
  (type: string): Reader =>
  (builder) =>
    builder.express('as', type);

const readInner: Reader = (builder, node, depth) => readValue(builder, node.firstNamedChild, depth + 1);

/** Names of the methods of operators, without underscores. */
const operators: Readonly<Record<string, string | undefined>> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'truediv',
  '//': 'floordiv',
  '%': 'mod',
  '**': 'pow',
  '@': 'matmul',
  '&': 'and',
  '|': 'or',
  '^': 'xor',
  '<<': 'lshift',
  '>>': 'rshift',
};

const readers: Readonly<Record<string, Reader>> = {
  identifier: (builder, node) => builder.express('name', builder.text(node)),
  none: asType('None'),
  string: asType('str'),
  concatenated_string: asType('str'),
  integer: asType('int'),
  float: asType('float'),
  true: asType('bool'),
  false: asType('bool'),
  comparison_operator: asType('bool'),
  not_operator: asType('bool'),
  dictionary: asType('dict'),
  dictionary_comprehension: asType('dict'),
  set_comprehension: asType('set'),
  set: (builder, node, depth) => readList(builder, node, depth),
  list: readList,
  tuple: readList,
  expression_list: readList,
  list_comprehension: asType('list'),
  generator_expression: asType('list'),
  parenthesized_expression: readInner,
  expression_statement: readInner,
  named_expression: (builder, node, depth) => readValue(builder, node.childForFieldName('value'), depth + 1),
  assignment: (builder, node, depth) => readValue(builder, node.childForFieldName('right'), depth + 1),
  attribute: (builder, node, depth) => {
    const object = readValue(builder, node.childForFieldName('object'), depth + 1);
    const name = node.childForFieldName('attribute');
    return object === unknown || !name ? unknown : builder.express('member', object, builder.text(name));
  },
  subscript: (builder, node, depth) => {
    const object = readValue(builder, node.childForFieldName('value'), depth + 1);
    const key = node.childForFieldName('subscript');
    if (object === unknown || !key) return unknown;
    if (key.type === 'slice') return object;
    return key.type === 'integer'
      ? builder.express('item', object, Number(builder.text(key)))
      : builder.express('item', object);
  },
  call: (builder, node, depth) => {
    const callee = readValue(builder, node.childForFieldName('function'), depth + 1);
    if (callee === unknown) return unknown;
    const list = node.childForFieldName('arguments');
    const args = (list?.type === 'argument_list' ? list.namedChildren : [])
      .filter(({ type }) => type !== 'comment' && type !== 'keyword_argument')
      .slice(0, maxArguments)
      .map((argument) => readValue(builder, argument, depth + 1));
    const type = list && castType(builder, node, list);
    return type ? builder.express('call', callee, args, [type]) : builder.express('call', callee, args);
  },
  await: (builder, node, depth) => {
    const value = readValue(builder, node.firstNamedChild, depth + 1);
    return value === unknown ? unknown : builder.express('await', value);
  },
  yield: (builder, node, depth) => {
    if (!builder.definitions[builder.stack.callable]?.coroutine) return unknown;
    const value = readValue(builder, node.firstNamedChild, depth + 1);
    return value === unknown ? unknown : builder.express('await', value);
  },
  binary_operator: (builder, node, depth) => {
    const method = operators[node.childForFieldName('operator')?.type ?? ''];
    const left = readValue(builder, node.childForFieldName('left'), depth + 1);
    if (left === unknown || method === undefined) return unknown;
    return builder.express('operation', method, left, readValue(builder, node.childForFieldName('right'), depth + 1));
  },
  conditional_expression: (builder, node, depth) =>
    builder.express(
      'either',
      readValue(builder, node.namedChild(0), depth + 1),
      readValue(builder, node.namedChild(2), depth + 1),
    ),
  boolean_operator: (builder, node, depth) => {
    const [left, right] = [node.childForFieldName('left'), node.childForFieldName('right')];
    if (node.childForFieldName('operator')?.type === 'and') return readValue(builder, right, depth + 1);
    return builder.express('either', readValue(builder, left, depth + 1), readValue(builder, right, depth + 1));
  },
};

/** Returns the first argument of `cast(C, x)`, which is a type. */
function castType(builder: FactsBuilder, node: Node, list: Node): string | undefined {
  const callee = builder.text(node.childForFieldName('function') as Node);
  return /^(?:\w+\.)?cast$/.test(callee) ? readType(builder, list.firstNamedChild) : undefined;
}

function readList(builder: FactsBuilder, node: Node, depth: number): Expression {
  const items = node.namedChildren.filter(({ type }) => type !== 'comment').slice(0, maxArguments);
  if (items.some(({ type }) => type.endsWith('splat'))) return builder.express('as', 'list');
  return builder.express('list', ...items.map((item) => readValue(builder, item, depth + 1)));
}

/** Returns the value of an expression, or `unknown`. */
export function readValue(builder: FactsBuilder, node: Node | null, depth = 0): Expression {
  if (!node || depth > maxDepth) return unknown;
  const cached = builder.expressionsByNode.get(node.id);
  if (cached !== undefined) return cached;
  const value = readers[node.type]?.(builder, node, depth) ?? unknown;
  builder.expressionsByNode.set(node.id, value);
  return value;
}

/** Returns the text of an annotation, or undefined if there is none. */
export function readType(builder: FactsBuilder, node: Node | null): string | undefined {
  if (!node || node.endIndex - node.startIndex > maxTypeLength) return undefined;
  const text = builder
    .text(node)
    .replace(/#[^\n]*/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  return text === '' ? undefined : text;
}
