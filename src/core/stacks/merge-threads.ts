import type { StackFunction, StackNode, ThreadStacks } from '../../protocol/stacks.ts';
import { StackTree } from './stack-tree.ts';

/** Returns one tree of several threads. Equal call paths become one. */
export function mergeThreads(threads: readonly ThreadStacks[]): readonly StackNode[] {
  return mergeWithOrigins(threads).nodes;
}

/** Returns one tree of several threads and, for each thread, the node of that tree for each of its nodes. */
export function mergeWithOrigins(threads: readonly ThreadStacks[]): {
  readonly nodes: readonly StackNode[];
  readonly translated: readonly (readonly number[])[];
} {
  const [first, ...others] = threads;
  if (first && others.length === 0) return { nodes: first.nodes, translated: [[...first.nodes.keys()]] };
  const tree = new StackTree();
  const translated = threads.map(({ nodes }) => tree.addTree(nodes));
  return { nodes: tree.nodes(), translated };
}

/** Returns a text that two functions share only if they are the same. */
export function functionKey({ file = '', line = 0, column = 0, name, component }: StackFunction): string {
  return [file, line, column, name, file === '' ? component : ''].join('\0');
}
