/** Nodes of Babel's syntax trees. */

/** A node with the fields of its type, which are described in Babel's documentation (babel-parser, `ast/spec.md`). */
export interface BabelNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly comments?: readonly BabelNode[];
  readonly declare?: boolean;
  readonly extra?: { readonly parenthesized?: boolean; readonly parenStart?: number };
  readonly importKind?: string;
  readonly kind?: string;
  readonly name?: unknown;
  readonly operator?: string;
  readonly pattern?: unknown;
  readonly phase?: string | null;
  readonly program?: BabelNode;
  readonly value?: unknown;
  readonly [field: string]: unknown;
}

export function isBabelNode(value: unknown): value is BabelNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value && value.type !== undefined;
}

/** Returns a field as a node, or undefined if it is empty. */
export function nodeIn(node: BabelNode, field: string): BabelNode | undefined {
  const value = node[field];
  return isBabelNode(value) ? value : undefined;
}

/** Returns the nodes of a field that contains a list, or an empty list. */
export function nodesIn(node: BabelNode, field: string): readonly BabelNode[] {
  const value = node[field];
  return Array.isArray(value) ? value.filter(isBabelNode) : [];
}

/** Calls `visit` for a node and its descendants, parents first. Skips the descendants of a node if it returns false. */
export function visitNodes(
  root: BabelNode,
  // biome-ignore lint/suspicious/noConfusingVoidType: most visitors return no value
  visit: (node: BabelNode, parent: BabelNode) => boolean | void,
): void {
  const pending: (readonly [node: BabelNode, parent: BabelNode])[] = [[root, root]];
  for (let entry = pending.pop(); entry; entry = pending.pop()) {
    const [node, parent] = entry;
    if (visit(node, parent) === false) continue;
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) {
        if (isBabelNode(child)) pending.push([child, node]);
      }
    }
  }
}
