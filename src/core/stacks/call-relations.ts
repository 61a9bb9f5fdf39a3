import type { StackNode } from '../../protocol/stacks.ts';
import { outermostNodesOf, type SubtreeTotals, subtreeTotals } from './function-times.ts';
import { StackTree } from './stack-tree.ts';

/** Returns the tree of everything that a function called, with the function on top. A recursive call is below the first. */
export function calleeTree(nodes: readonly StackNode[], functionIndex: number): readonly StackNode[] {
  const tree = new StackTree();
  const outside = -2;
  const translated = new Int32Array(nodes.length);
  for (let node = 0; node < nodes.length; node++) {
    const [parent, called, samples, cpuNs] = nodes[node] as StackNode;
    const above = parent < 0 ? outside : (translated[parent] as number);
    const isTop = above === outside && called === functionIndex;
    const copy = isTop ? tree.child(-1, called) : above === outside ? outside : tree.child(above, called);
    translated[node] = copy ?? outside;
    if (copy !== undefined && copy >= 0) tree.add(copy, samples, cpuNs);
  }
  return tree.nodes();
}

/**
 * Returns the tree of the callers of a function, with the function on top, its callers below it, and theirs below them. Each
 * call path has the time of the function with everything that it called.
 */
export function callerTree(
  nodes: readonly StackNode[],
  functionIndex: number,
  totals: SubtreeTotals = subtreeTotals(nodes),
): readonly StackNode[] {
  const tree = new StackTree();
  for (const node of outermostNodesOf(nodes, functionIndex)) {
    const path: number[] = [];
    for (let above = node; above >= 0; above = (nodes[above] as StackNode)[0])
      path.push((nodes[above] as StackNode)[1]);
    tree.addStack(path, totals.samples[node] as number, totals.cpuNs[node] as number);
  }
  return tree.nodes();
}
