/** Binds the names of destructuring patterns in JavaScript and TypeScript. */
import type { Node } from 'web-tree-sitter';
import { type Expression, unknown } from '../extract/facts/expression.ts';
import type { FactsBuilder } from '../extract/facts-builder.ts';
import { readValue } from './ecmascript-values.ts';

/** Binds the names of a pattern in a scope to the parts of a value. */
export function bindPattern(builder: FactsBuilder, node: Node, value: Expression, target: number): void {
  switch (node.type) {
    case 'identifier':
    case 'shorthand_property_identifier_pattern': {
      const scope = builder.scopeIndex;
      builder.bind(builder.text(node), value === unknown ? { scope } : { value, scope }, target);
      return;
    }
    case 'assignment_pattern':
    case 'object_assignment_pattern': {
      const left = node.childForFieldName('left');
      if (!left) return;
      const part = left.type === 'shorthand_property_identifier_pattern' && node.type === 'object_assignment_pattern';
      const main = part ? memberOf(builder, value, builder.text(left)) : value;
      const initial = readValue(builder, node.childForFieldName('right'));
      const both =
        main === unknown || initial === unknown ? Math.max(main, initial) : builder.express('first', main, initial);
      bindPattern(builder, left, both, target);
      return;
    }
    case 'rest_pattern': {
      const inner = node.firstNamedChild;
      if (inner) bindPattern(builder, inner, value, target);
      return;
    }
    case 'object_pattern':
      for (const part of node.namedChildren) bindEntry(builder, part, value, target);
      return;
    case 'array_pattern': {
      let index = -1;
      for (const child of node.children) {
        if (child.type === '[' || child.type === ',') index++;
        if (!child.isNamed || child.type === 'comment') continue;
        const isRest = child.type === 'rest_pattern';
        const item = value === unknown || isRest ? value : builder.express('item', value, index);
        bindPattern(builder, child, item, target);
      }
      return;
    }
    default:
      return;
  }
}

function bindEntry(builder: FactsBuilder, part: Node, value: Expression, target: number): void {
  if (part.type === 'pair_pattern') {
    const key = part.childForFieldName('key');
    const inner = part.childForFieldName('value');
    const name = key && key.type !== 'computed_property_name' ? builder.text(key).replace(/^['"]|['"]$/g, '') : '';
    if (inner) bindPattern(builder, inner, name === '' ? unknown : memberOf(builder, value, name), target);
    return;
  }
  const isName = part.type === 'shorthand_property_identifier_pattern';
  bindPattern(builder, part, isName ? memberOf(builder, value, builder.text(part)) : value, target);
}

function memberOf(builder: FactsBuilder, value: Expression, name: string): Expression {
  return value === unknown ? unknown : builder.express('member', value, name);
}
