import type { Node } from 'acorn';

export type SyntaxNode = Node & { readonly [key: string]: unknown };

/** A node that encloses another one, and those that enclose it. */
export interface Ancestor {
  readonly node: SyntaxNode;
  readonly up: Ancestor | undefined;
}

export function isSyntaxNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

/** Returns the children in source order, each once, because a shorthand property refers to the same node twice. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children = Object.values(node).flat().filter(isSyntaxNode);
  return [...new Set(children)].sort((a, b) => a.start - b.start);
}

export function isFunction(node: SyntaxNode): boolean {
  return /^(Arrow)?Function(Declaration|Expression)$/.test(node.type);
}

export function isClass(node: SyntaxNode): boolean {
  return /^Class(Declaration|Expression)$/.test(node.type);
}

/** Detects functions and classes that the code around them names. */
export function isAnonymous(node: SyntaxNode): boolean {
  return /^(Function|ArrowFunction|Class)Expression$/.test(node.type) && !node['id'];
}

/** Returns the nodes of a statement list, or undefined for other nodes. */
export function statementsOf(node: SyntaxNode): readonly SyntaxNode[] | undefined {
  const statements = node.type === 'SwitchCase' ? node['consequent'] : node['body'];
  return Array.isArray(statements) && !node.type.startsWith('Class') ? (statements as SyntaxNode[]) : undefined;
}

/** Returns the offsets at which lines start. */
export function lineStartsOf(code: string): readonly number[] {
  const starts = [0];
  for (const { index, 0: lineBreak } of code.matchAll(/\r\n?|[\n\u2028\u2029]/g)) starts.push(index + lineBreak.length);
  return starts;
}

/** Returns the index of the largest of the ascending numbers that is below the limit, or -1. */
export function indexBelow(ascending: readonly number[], limit: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) < limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
