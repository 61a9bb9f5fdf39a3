import type { StackNode } from '../../protocol/stacks.ts';

/** Samples and CPU time of a function, itself and with all that it called. A recursive call counts once. */
export interface FunctionTimes {
  selfSamples: number;
  totalSamples: number;
  selfNs: number;
  totalNs: number;
}

/** Samples and CPU time of each node with all nodes below it. */
export interface SubtreeTotals {
  readonly samples: Float64Array;
  readonly cpuNs: Float64Array;
}

/** Returns the samples and the CPU time of each node with all nodes below it. */
export function subtreeTotals(nodes: readonly StackNode[]): SubtreeTotals {
  const samples = new Float64Array(nodes.length);
  const cpuNs = new Float64Array(nodes.length);
  // Parents come first, so from the end each node is complete before it is added to its parent.
  for (let node = nodes.length - 1; node >= 0; node--) {
    const [parent, , nodeSamples, nodeNs] = nodes[node] as StackNode;
    samples[node] = (samples[node] as number) + nodeSamples;
    cpuNs[node] = (cpuNs[node] as number) + nodeNs;
    if (parent < 0) continue;
    samples[parent] = (samples[parent] as number) + (samples[node] as number);
    cpuNs[parent] = (cpuNs[parent] as number) + (cpuNs[node] as number);
  }
  return { samples, cpuNs };
}

/** Returns the self and total times of every function of a tree, by function. */
export function functionTimes(nodes: readonly StackNode[]): ReadonlyMap<number, FunctionTimes> {
  const totals = subtreeTotals(nodes);
  const isOutermost = outermostOccurrences(nodes);
  const times = new Map<number, FunctionTimes>();
  for (const [node, [, functionIndex, samples, cpuNs]] of nodes.entries()) {
    const sum = times.get(functionIndex) ?? { selfSamples: 0, totalSamples: 0, selfNs: 0, totalNs: 0 };
    times.set(functionIndex, sum);
    addTo(sum, samples, cpuNs, isOutermost[node] === 1 ? totals : undefined, node);
  }
  return times;
}

/** Returns the times of a function, or undefined if it is not in the tree. Cheaper than the times of all functions. */
export function timesOfFunction(
  nodes: readonly StackNode[],
  totals: SubtreeTotals,
  functionIndex: number,
): FunctionTimes | undefined {
  const sum = { selfSamples: 0, totalSamples: 0, selfNs: 0, totalNs: 0 };
  const outermost = new Set(outermostNodesOf(nodes, functionIndex));
  if (outermost.size === 0) return undefined;
  for (const [node, [, called, samples, cpuNs]] of nodes.entries())
    if (called === functionIndex) addTo(sum, samples, cpuNs, outermost.has(node) ? totals : undefined, node);
  return sum;
}

/** Returns the nodes of a function that are not below another node of it. */
export function outermostNodesOf(nodes: readonly StackNode[], functionIndex: number): readonly number[] {
  const isInside = new Uint8Array(nodes.length);
  const outermost: number[] = [];
  for (let node = 0; node < nodes.length; node++) {
    const [parent, called] = nodes[node] as StackNode;
    if (parent >= 0 && isInside[parent] === 1) isInside[node] = 1;
    else if (called === functionIndex) {
      isInside[node] = 1;
      outermost.push(node);
    }
  }
  return outermost;
}

/** Returns 1 for each node whose function is on no node above it, 0 for recursive calls. */
export function outermostOccurrences(nodes: readonly StackNode[]): Uint8Array {
  const firstChildren = new Int32Array(nodes.length).fill(-1);
  const nextSiblings = new Int32Array(nodes.length).fill(-1);
  let firstTop = -1;
  let functionCount = 0;
  for (let node = nodes.length - 1; node >= 0; node--) {
    const [parent, functionIndex] = nodes[node] as StackNode;
    nextSiblings[node] = parent < 0 ? firstTop : (firstChildren[parent] as number);
    if (parent < 0) firstTop = node;
    else firstChildren[parent] = node;
    functionCount = Math.max(functionCount, functionIndex + 1);
  }
  const result = new Uint8Array(nodes.length);
  const depthOf = new Int32Array(functionCount);
  const enter = (node: number): void => {
    const functionIndex = (nodes[node] as StackNode)[1];
    const depth = depthOf[functionIndex] as number;
    if (depth === 0) result[node] = 1;
    depthOf[functionIndex] = depth + 1;
  };
  // A deep tree would overflow a recursion, so this walks along the links.
  let node = firstTop;
  if (node >= 0) enter(node);
  while (node >= 0) {
    let next = firstChildren[node] as number;
    while (next < 0 && node >= 0) {
      const [parent, functionIndex] = nodes[node] as StackNode;
      depthOf[functionIndex] = (depthOf[functionIndex] as number) - 1;
      next = nextSiblings[node] as number;
      node = parent;
    }
    node = next;
    if (node >= 0) enter(node);
  }
  return result;
}

function addTo(
  sum: FunctionTimes,
  samples: number,
  cpuNs: number,
  totals: SubtreeTotals | undefined,
  node: number,
): void {
  sum.selfSamples += samples;
  sum.selfNs += cpuNs;
  sum.totalSamples += totals?.samples[node] ?? 0;
  sum.totalNs += totals?.cpuNs[node] ?? 0;
}
