/** Derives the type that an expression is expected to have from the code around it. */
import type { Node } from 'web-tree-sitter';
import { type Expression, unknown } from '../extract/facts/expression.ts';
import type { FactsBuilder } from '../extract/facts-builder.ts';
import { readDocumentedType } from './ecmascript-jsdoc.ts';
import { readType } from './ecmascript-types.ts';
import { readArguments, readTypeArguments, readValue } from './ecmascript-values.ts';

/** Maximum number of enclosing expressions to consider. */
const maxDepth = 10;

/** Returns an expression of the type that the code around a node expects of it, or `unknown`. */
export function readContext(builder: FactsBuilder, node: Node, depth = 0): Expression {
  const { parent } = node;
  if (!parent || depth > maxDepth) return unknown;
  switch (parent.type) {
    case 'arguments':
      return readArgumentContext(builder, node, parent);
    case 'pair': {
      const key = parent.childForFieldName('key');
      const object = parent.parent ? readContext(builder, parent.parent, depth + 1) : unknown;
      if (!key || object === unknown) return unknown;
      return builder.express('member', object, builder.text(key).replace(/^['"]|['"]$/g, ''));
    }
    case 'variable_declarator':
    case 'public_field_definition':
    case 'field_definition':
    case 'required_parameter':
    case 'optional_parameter':
      return typed(
        builder,
        readType(builder, parent.childForFieldName('type'), 'value') ?? readDocumentedType(builder, parent),
      );
    case 'satisfies_expression':
    case 'as_expression':
      return typed(builder, readType(builder, parent.namedChild(1), 'value'));
    case 'parenthesized_expression':
    case 'ternary_expression':
    case 'binary_expression':
    case 'await_expression':
      return readContext(builder, parent, depth + 1);
    case 'array': {
      const list = readContext(builder, parent, depth + 1);
      return list === unknown ? unknown : builder.express('of', list);
    }
    case 'assignment_expression':
      return parent.childForFieldName('right')?.id === node.id
        ? readValue(builder, parent.childForFieldName('left'))
        : unknown;
    case 'return_statement':
      return readReturnContext(builder, parent, depth);
    case 'arrow_function':
      return parent.childForFieldName('body')?.id === node.id ? readFunctionResult(builder, parent, depth) : unknown;
    default:
      return unknown;
  }
}

function typed(builder: FactsBuilder, type: string | undefined): Expression {
  return type === undefined ? unknown : builder.express('as', type);
}

function readArgumentContext(builder: FactsBuilder, node: Node, list: Node): Expression {
  const call = list.parent;
  const callee = call?.childForFieldName(call.type === 'new_expression' ? 'constructor' : 'function');
  if (!call || !callee) return unknown;
  const index = list.namedChildren.filter(({ type }) => type !== 'comment').findIndex(({ id }) => id === node.id);
  const value = readValue(builder, callee);
  if (value === unknown || index < 0) return unknown;
  return builder.express('argument', value, index, readArguments(builder, call), ...readTypeArguments(builder, call));
}

const functionPattern =
  /^(?:arrow_function|function_expression|function_declaration|method_definition|generator_function)/;

function readReturnContext(builder: FactsBuilder, node: Node, depth: number): Expression {
  for (let outer = node.parent; outer; outer = outer.parent) {
    if (functionPattern.test(outer.type)) return readFunctionResult(builder, outer, depth);
  }
  return unknown;
}

/** Returns the type that a function is expected to return. */
function readFunctionResult(builder: FactsBuilder, node: Node, depth: number): Expression {
  const returns = readType(builder, node.childForFieldName('return_type'), 'result');
  if (returns !== undefined) {
    const value = builder.express('as', returns);
    return node.children.some(({ type }) => type === 'async') ? builder.express('await', value) : value;
  }
  const expected = readContext(builder, node, depth + 1);
  return expected === unknown ? unknown : builder.express('returned', expected);
}
