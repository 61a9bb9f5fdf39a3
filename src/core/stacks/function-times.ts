import type { StackNode } from '../../protocol/stacks.ts';

/** Samples and CPU time of a function, itself and with all that it called. A recursive call counts once. */
export interface FunctionTimes {
  selfSamples: number;
  totalSamples: number;
  selfNs: number;
  totalNs: number;
}

/** Returns the samples and the CPU time of each node with all nodes below it. */
export function subtreeTotals(nodes: readonly StackNode[]): {
  readonly samples: Float64Array;
  readonly cpuNs: Float64Array;
} {
  const samples = Float64Array.from(nodes, ([, , count]) => count);
  const cpuNs = Float64Array.from(nodes, ([, , , time]) => time);
  // Parents come first, so from the end each node is complete before it is added to its parent.
  for (let node = nodes.length - 1; node >= 0; node--) {
    const parent = (nodes[node] as StackNode)[0];
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
    sum.selfSamples += samples;
    sum.selfNs += cpuNs;
    if (isOutermost[node] !== 1) continue;
    sum.totalSamples += totals.samples[node] as number;
    sum.totalNs += totals.cpuNs[node] as number;
  }
  return times;
}

/** Returns 1 for each node whose function is on no node above it, 0 for recursive calls. */
export function outermostOccurrences(nodes: readonly StackNode[]): Uint8Array {
  const children: number[][] = nodes.map(() => []);
  const tops: number[] = [];
  for (const [node, [parent]] of nodes.entries()) (parent < 0 ? tops : (children[parent] as number[])).push(node);
  const result = new Uint8Array(nodes.length);
  const depthOf = new Map<number, number>();
  // Entries are nodes to enter, and, as their complement, nodes to leave. A deep tree would overflow a recursion.
  const pending = [...tops];
  for (let entry = pending.pop(); entry !== undefined; entry = pending.pop()) {
    const isEntry = entry >= 0;
    const node = isEntry ? entry : ~entry;
    const functionIndex = (nodes[node] as StackNode)[1];
    const depth = depthOf.get(functionIndex) ?? 0;
    depthOf.set(functionIndex, isEntry ? depth + 1 : depth - 1);
    if (!isEntry) continue;
    if (depth === 0) result[node] = 1;
    pending.push(~node, ...(children[node] as number[]));
  }
  return result;
}
