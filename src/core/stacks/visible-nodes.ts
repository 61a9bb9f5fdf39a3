import type { VisibleNode } from '../../protocol/panel/stack-view.ts';
import type { StackNode } from '../../protocol/stacks.ts';
import { subtreeTotals } from './function-times.ts';

interface VisibleNodes {
  readonly nodes: readonly VisibleNode[];
  readonly totalNs: number;
  readonly totalSamples: number;
  /** Number of nodes that were removed. */
  readonly omitted: number;
}

interface Limits {
  /** Nodes with a smaller share of the time of the whole tree are removed. */
  readonly minShare: number;
  readonly maxNodes: number;
}

/** Returns the nodes of a tree that are large enough to be seen, each after its parent, larger siblings first. */
export function visibleNodes(nodes: readonly StackNode[], { minShare, maxNodes }: Limits): VisibleNodes {
  const { samples, cpuNs } = subtreeTotals(nodes);
  let [totalNs, totalSamples] = [0, 0];
  for (const [node, [parent]] of nodes.entries()) {
    if (parent >= 0) continue;
    totalNs += cpuNs[node] as number;
    totalSamples += samples[node] as number;
  }
  const minNs = minShare * totalNs;
  const ranked = [...nodes.keys()].filter((node) => (cpuNs[node] as number) >= minNs);
  // A parent has at least the time of its child. With equal times it comes first, as it does in the tree.
  ranked.sort((left, right) => (cpuNs[right] as number) - (cpuNs[left] as number) || left - right);
  const largest = ranked.slice(0, maxNodes);
  const indices = new Map(largest.map((node, index) => [node, index]));
  const visible = largest.map((node) => {
    const [parent, functionIndex, , selfNs] = nodes[node] as StackNode;
    return {
      parent: parent < 0 ? -1 : (indices.get(parent) as number),
      function: functionIndex,
      selfNs,
      totalNs: cpuNs[node] as number,
      totalSamples: samples[node] as number,
    };
  });
  return { nodes: visible, totalNs, totalSamples, omitted: nodes.length - largest.length };
}
