import type { StackFunction, StackNode, Stacks, ThreadStacks } from '../../protocol/stacks.ts';
import { StackTree } from './stack-tree.ts';

/** Returns one tree of several threads. Equal call paths become one. */
export function mergeThreads(threads: readonly ThreadStacks[]): readonly StackNode[] {
  const [first, ...others] = threads;
  if (!first) return [];
  if (others.length === 0) return first.nodes;
  const tree = new StackTree();
  for (const { nodes } of threads) tree.addTree(nodes);
  return tree.nodes();
}

/** Returns a text that two functions share only if they are the same. */
export function functionKey({ file = '', line = 0, column = 0, name, component }: StackFunction): string {
  return [file, line, column, name, file === '' ? component : ''].join('\0');
}

/** Call path in two runs. Times are those of the function itself. */
export interface ComparedNode {
  readonly parent: number;
  readonly function: number;
  readonly before: { readonly samples: number; readonly cpuNs: number };
  readonly after: { readonly samples: number; readonly cpuNs: number };
}

interface ComparedStacks {
  readonly functions: readonly StackFunction[];
  /** Parents come before their children. */
  readonly nodes: readonly ComparedNode[];
}

/** Returns the call paths of all threads of two runs. A function that has moved in its file is a different one. */
export function compareStacks(before: Stacks, after: Stacks): ComparedStacks {
  const functions: StackFunction[] = [];
  const indexByKey = new Map<string, number>();
  const indexOf = (stackFunction: StackFunction): number => {
    const key = functionKey(stackFunction);
    const index = indexByKey.get(key) ?? functions.length;
    if (index === functions.length) functions.push(stackFunction);
    indexByKey.set(key, index);
    return index;
  };
  const tree = new StackTree();
  const sums = [before, after].map((stacks) => {
    const indices = stacks.functions.map(indexOf);
    const side = new StackTree();
    side.addTree(mergeThreads(stacks.threads), (index) => indices[index] as number);
    const nodes = side.nodes();
    const sum = new Map<number, { samples: number; cpuNs: number }>();
    const translated: number[] = [];
    for (const [parent, functionIndex, samples, cpuNs] of nodes) {
      const node = tree.child(parent < 0 ? -1 : (translated[parent] as number), functionIndex) as number;
      translated.push(node);
      sum.set(node, { samples, cpuNs });
    }
    return sum;
  });
  const none = { samples: 0, cpuNs: 0 };
  const nodes = tree.nodes().map(([parent, functionIndex], node) => ({
    parent,
    function: functionIndex,
    before: sums[0]?.get(node) ?? none,
    after: sums[1]?.get(node) ?? none,
  }));
  return { functions, nodes };
}
