/** Reads callee texts and types from the syntax trees of Python. */
import type { Node } from 'web-tree-sitter';
import { type CalleeStep, formatCallee } from '../extract/facts/callee-text.ts';

export interface PythonCallee {
  readonly text: string;
  /** Start of the expression, after a star that the grammar includes in it. */
  readonly start: number;
  readonly nameStart: number;
}

const literalTypes: Readonly<Record<string, string>> = {
  string: 'str',
  concatenated_string: 'str',
  list: 'list',
  list_comprehension: 'list',
  dictionary: 'dict',
  dictionary_comprehension: 'dict',
  set: 'set',
  set_comprehension: 'set',
  tuple: 'tuple',
  integer: 'int',
  float: 'float',
};

export function readCallee(node: Node, source: string): PythonCallee {
  const steps: CalleeStep[] = [];
  let nameStart = -1;
  let start = node.startIndex;
  /** True inside parentheses, because the expression starts at the opening one. */
  let isEnclosed = false;
  const end = (step: CalleeStep): PythonCallee => {
    steps.push(step);
    return { text: formatCallee(steps.reverse()), start, nameStart: nameStart < 0 ? start : nameStart };
  };
  for (let current: Node | null = node; current; ) {
    if (current.type === 'list_splat' || current.type === 'dictionary_splat') {
      current = current.firstNamedChild;
      continue;
    }
    if (!isEnclosed) start = current.startIndex;
    switch (current.type) {
      case 'identifier':
        if (nameStart < 0) nameStart = current.startIndex;
        return end(source.slice(current.startIndex, current.endIndex));
      case 'attribute': {
        const name = current.childForFieldName('attribute');
        if (!name) return end('?');
        if (nameStart < 0) nameStart = name.startIndex;
        steps.push(source.slice(name.startIndex, name.endIndex));
        current = current.childForFieldName('object');
        break;
      }
      case 'call':
        if (nameStart < 0) nameStart = current.startIndex;
        steps.push('()');
        current = current.childForFieldName('function');
        break;
      case 'subscript':
        if (nameStart < 0) nameStart = current.startIndex;
        steps.push('[]');
        current = current.childForFieldName('value');
        break;
      case 'await':
        current = current.firstNamedChild;
        break;
      case 'parenthesized_expression':
        isEnclosed = true;
        current = current.firstNamedChild;
        break;
      default: {
        const literal = literalTypes[current.type];
        return end(literal ? `(as ${literal})` : '?');
      }
    }
  }
  return end('?');
}
