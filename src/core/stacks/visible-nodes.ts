import type { VisibleNode } from '../../protocol/panel/stack-view.ts';
import type { StackNode } from '../../protocol/stacks.ts';
import { subtreeTotals } from './function-times.ts';

interface VisibleNodes {
  readonly nodes: readonly VisibleNode[];
  /** Index of each visible node in the whole tree. */
  readonly origins: readonly number[];
  readonly totalNs: number;
  readonly totalSamples: number;
  /** Number of nodes that were removed. */
  readonly omitted: number;
}

export interface VisibilityLimits {
  /** Nodes with a smaller share of the time of the whole tree are removed. */
  readonly minShare: number;
  readonly maxNodes: number;
}

/** Returns the nodes of a tree that are large enough to be seen, each after its parent, larger siblings first. */
export function visibleNodes(
  nodes: readonly StackNode[],
  { minShare, maxNodes }: VisibilityLimits,
  { samples, cpuNs } = subtreeTotals(nodes),
): VisibleNodes {
  let [totalNs, totalSamples] = [0, 0];
  for (let node = 0; node < nodes.length; node++) {
    if ((nodes[node] as StackNode)[0] >= 0) continue;
    totalNs += cpuNs[node] as number;
    totalSamples += samples[node] as number;
  }
  const minNs = minShare * totalNs;
  const ranked: number[] = [];
  for (let node = 0; node < nodes.length; node++) if ((cpuNs[node] as number) >= minNs) ranked.push(node);
  // A parent has at least the time of its child. With equal times it comes first, as it does in the tree.
  ranked.sort((left, right) => (cpuNs[right] as number) - (cpuNs[left] as number) || left - right);
  const origins = ranked.slice(0, maxNodes);
  const indices = new Map(origins.map((node, index) => [node, index]));
  const visible = origins.map((node) => {
    const [parent, functionIndex, , selfNs] = nodes[node] as StackNode;
    return {
      parent: parent < 0 ? -1 : (indices.get(parent) as number),
      function: functionIndex,
      selfNs,
      totalNs: cpuNs[node] as number,
      totalSamples: samples[node] as number,
    };
  });
  return { nodes: visible, origins, totalNs, totalSamples, omitted: nodes.length - origins.length };
}
