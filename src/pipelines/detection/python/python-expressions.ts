/** Reads callee texts and types out of Python's trees. */
import type { Node } from 'web-tree-sitter';
import { plainName, type Step, textOf } from '../extract/callee-text.ts';

export interface Callee {
  readonly text: string;
  /** Where the expression starts, after a star that the grammar has put inside it. */
  readonly start: number;
  readonly nameAt: number;
}

const literals: Readonly<Record<string, string>> = {
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

export function calleeOf(node: Node, source: string): Callee {
  const steps: Step[] = [];
  let nameAt = -1;
  let start = node.startIndex;
  /** Inside parentheses the start stays where they open. */
  let enclosed = false;
  const end = (step: Step): Callee => {
    steps.push(step);
    return { text: textOf(steps.reverse()), start, nameAt: nameAt < 0 ? start : nameAt };
  };
  for (let at: Node | null = node; at; ) {
    if (at.type === 'list_splat' || at.type === 'dictionary_splat') {
      at = at.firstNamedChild;
      continue;
    }
    if (!enclosed) start = at.startIndex;
    switch (at.type) {
      case 'identifier':
        if (nameAt < 0) nameAt = at.startIndex;
        return end(source.slice(at.startIndex, at.endIndex));
      case 'attribute': {
        const name = at.childForFieldName('attribute');
        if (!name) return end('?');
        if (nameAt < 0) nameAt = name.startIndex;
        steps.push(source.slice(name.startIndex, name.endIndex));
        at = at.childForFieldName('object');
        break;
      }
      case 'call':
        if (nameAt < 0) nameAt = at.startIndex;
        steps.push('()');
        at = at.childForFieldName('function');
        break;
      case 'subscript':
        if (nameAt < 0) nameAt = at.startIndex;
        steps.push('[]');
        at = at.childForFieldName('value');
        break;
      case 'await':
        at = at.firstNamedChild;
        break;
      case 'parenthesized_expression':
        enclosed = true;
        at = at.firstNamedChild;
        break;
      default: {
        const literal = literals[at.type];
        return end(literal ? `(as ${literal})` : '?');
      }
    }
  }
  return end('?');
}

/** Expression of a variable's value as callee text, where it leads anywhere. */
export function valueText(node: Node, source: string): string | undefined {
  const text = source.slice(node.startIndex, node.endIndex);
  if (plainName.test(text) && !/^\d/.test(text)) return /^(None|True|False)$/.test(text) ? undefined : text;
  const callee = calleeOf(node, source).text;
  return callee.includes('?') || callee.length > 300 ? undefined : callee;
}

/** Dotted name of an annotation: optional types are those of their value, text annotations are read. */
export function typeName(node: Node | null, source: string): string | undefined {
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

/** Every name that a target binds. */
export function namesIn(node: Node, source: string, names: string[] = []): string[] {
  if (node.type === 'identifier') names.push(source.slice(node.startIndex, node.endIndex));
  else if (/pattern|tuple|list/.test(node.type)) for (const child of node.namedChildren) namesIn(child, source, names);
  return names;
}
