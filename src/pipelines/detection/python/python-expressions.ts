/** Reads callee texts and types from the syntax trees of Python. */
import type { Node } from 'web-tree-sitter';
import { type CalleeStep, formatCallee, plainNamePattern } from '../extract/callee-text.ts';

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

/** Returns the value of a variable as callee text, or undefined if it cannot be resolved. */
export function readValue(node: Node, source: string): string | undefined {
  const text = source.slice(node.startIndex, node.endIndex);
  if (plainNamePattern.test(text) && !/^\d/.test(text)) return /^(None|True|False)$/.test(text) ? undefined : text;
  const callee = readCallee(node, source).text;
  return callee === '' || callee.includes('?') || callee.length > 300 ? undefined : callee;
}

/**
 * Returns the dotted name of an annotation, or undefined if it is not a single named type. An optional type is treated as
 * the type itself. Annotations in quotes are supported.
 */
export function readTypeName(node: Node | null, source: string): string | undefined {
  if (!node) return undefined;
  let text = source
    .slice(node.startIndex, node.endIndex)
    .replace(/^['"]|['"]$/g, '')
    .trim();
  text = text.replace(/\s*\|\s*None\b|\bNone\s*\|\s*/g, '');
  text = /^(?:\w+\.)*Optional\[(.*)\]$/s.exec(text)?.[1] ?? text;
  if (/^[\w.]+$/.test(text)) return text;
  return /^([\w.]+)\[/.exec(text)?.[1];
}

/** Adds all names that an assignment target binds to `names`, and returns them. */
export function collectNames(node: Node, source: string, names: string[] = []): string[] {
  if (node.type === 'identifier') names.push(source.slice(node.startIndex, node.endIndex));
  else if (/pattern|tuple|list/.test(node.type))
    for (const child of node.namedChildren) collectNames(child, source, names);
  return names;
}
