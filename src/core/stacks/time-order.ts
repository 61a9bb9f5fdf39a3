/** Call paths in the order of time. Samples are summed by second, so the order within a second is not known. */
import type { TimeColumns, VisibleNode } from '../../protocol/panel/stack-view.ts';
import type { StackNode } from '../../protocol/stacks.ts';
import { subtreeTotals } from './function-times.ts';
import type { VisibilityLimits } from './visible-nodes.ts';

/** Samples of the nodes of a thread by time. Slice `n` begins `n * stepNs` after the start of the run. */
export interface ThreadSlices {
  readonly stepNs: number;
  readonly slices: ReadonlyMap<number, ReadonlyMap<number, { readonly samples: number; readonly cpuNs: number }>>;
}

interface SlicedThread extends ThreadSlices {
  /** Node of the merged tree for each node of the thread. */
  readonly translated: readonly number[];
}

interface OrderedNodes extends TimeColumns {
  readonly nodes: readonly VisibleNode[];
  readonly totalNs: number;
  readonly totalSamples: number;
  readonly omitted: number;
}

/** With more columns, each would be too narrow to be read. */
const maxColumns = 240;

type Placed = { -readonly [Key in keyof VisibleNode]: VisibleNode[Key] } & {
  readonly time: NonNullable<VisibleNode['time']>;
  /** Right edge of its latest part. */
  endNs: number;
  /** Node of the merged tree. */
  readonly origin: number;
};

/**
 * Returns the call paths column by column, earliest first. A path that continues in the next column without a gap is one
 * node. Within a column, larger callees come first, by their time in the whole tree.
 *
 * @param nodes tree of all threads
 */
export function orderByTime(
  nodes: readonly StackNode[],
  threads: readonly SlicedThread[],
  { minShare, maxNodes }: VisibilityLimits,
): OrderedNodes {
  const stepNs = stepOf(threads);
  const sums = sumColumns(threads, stepNs);
  const rank = subtreeTotals(nodes).cpuNs;
  const placed: Placed[] = [];
  /** Latest callee of each placed node; that of -1 is the latest node without a caller. */
  const lastChild = new Map<number, number>();
  const columns: { startNs: number; offsetNs: number }[] = [];
  let [totalNs, totalSamples] = [0, 0];
  for (const index of [...sums.keys()].sort((left, right) => left - right)) {
    const column = columnTree(nodes, sums.get(index) as ReadonlyMap<number, Sum>);
    const startNs = index * stepNs;
    columns.push({ startNs, offsetNs: totalNs });
    // Entries are a node of the tree, its placed caller and its left edge. A deep tree would overflow a recursion.
    const pending: (readonly [origin: number, parent: number, offsetNs: number])[] = [];
    const addChildren = (origin: number, parent: number, offsetNs: number): void => {
      const children = column
        .childrenOf(origin)
        .sort((left, right) => at(rank, right) - at(rank, left) || left - right);
      const ends: (readonly [number, number, number])[] = [];
      let leftNs = offsetNs;
      for (const child of children) {
        ends.push([child, parent, leftNs]);
        leftNs += column.sumOf(child).totalNs;
      }
      pending.push(...ends.reverse());
    };
    addChildren(-1, -1, totalNs);
    for (let entry = pending.pop(); entry; entry = pending.pop()) {
      const [origin, parent, offsetNs] = entry;
      const sum = column.sumOf(origin);
      const latest = lastChild.get(parent);
      const before = latest === undefined ? undefined : placed[latest];
      let place = placed.length;
      if (before && before.origin === origin && offsetNs - before.endNs < 1) {
        place = latest as number;
        before.selfNs += sum.selfNs;
        before.totalNs += sum.totalNs;
        before.totalSamples += sum.samples;
        before.endNs += sum.totalNs;
      } else {
        const functionIndex = (nodes[origin] as StackNode)[1];
        placed.push({
          parent,
          function: functionIndex,
          selfNs: sum.selfNs,
          totalNs: sum.totalNs,
          totalSamples: sum.samples,
          time: { offsetNs, startNs },
          endNs: offsetNs + sum.totalNs,
          origin,
        });
        lastChild.set(parent, place);
      }
      addChildren(origin, place, offsetNs);
    }
    totalNs += column.totalNs;
    totalSamples += column.totalSamples;
  }
  return { stepNs, columns, totalNs, totalSamples, ...largestOf(placed, minShare * totalNs, maxNodes) };
}

interface Sum {
  selfNs: number;
  totalNs: number;
  samples: number;
}

/** Returns the duration of a column: the longest slice of all threads, or longer if there are too many. */
function stepOf(threads: readonly SlicedThread[]): number {
  let stepNs = Math.max(1e9, ...threads.map((thread) => thread.stepNs));
  const [first, last] = threads
    .flatMap((thread) => [...thread.slices.keys()].map((index) => index * thread.stepNs))
    .reduce(([low, high], time) => [Math.min(low, time), Math.max(high, time)], [Number.POSITIVE_INFINITY, 0]);
  while ((last - first) / stepNs > maxColumns) stepNs *= 2;
  return stepNs;
}

/** Returns the self times of the nodes of the merged tree, by column. */
function sumColumns(threads: readonly SlicedThread[], stepNs: number): ReadonlyMap<number, ReadonlyMap<number, Sum>> {
  const columns = new Map<number, Map<number, Sum>>();
  for (const thread of threads) {
    for (const [slice, sums] of thread.slices) {
      const index = Math.floor((slice * thread.stepNs) / stepNs);
      const column = columns.get(index) ?? new Map<number, Sum>();
      columns.set(index, column);
      for (const [node, { samples, cpuNs }] of sums) {
        const origin = thread.translated[node];
        if (origin === undefined || origin < 0) continue;
        const sum = column.get(origin) ?? { selfNs: 0, totalNs: 0, samples: 0 };
        column.set(origin, sum);
        sum.selfNs += cpuNs;
        sum.totalNs += cpuNs;
        sum.samples += samples;
      }
    }
  }
  return columns;
}

/** Returns the tree of a column: its nodes with their callers, and the times with everything below. */
function columnTree(nodes: readonly StackNode[], selves: ReadonlyMap<number, Sum>) {
  const sums = new Map<number, Sum>();
  for (const [node, sum] of selves) {
    sums.set(node, { ...sum });
    for (let above = parentOf(nodes, node); above >= 0 && !sums.has(above); above = parentOf(nodes, above))
      if (!selves.has(above)) sums.set(above, { selfNs: 0, totalNs: 0, samples: 0 });
  }
  const children = new Map<number, number[]>();
  let [totalNs, totalSamples] = [0, 0];
  // Callers have smaller numbers than their callees, so from the end each node is complete before it is added.
  for (const node of [...sums.keys()].sort((left, right) => right - left)) {
    const sum = sums.get(node) as Sum;
    const parent = parentOf(nodes, node);
    const siblings = children.get(parent);
    if (siblings) siblings.push(node);
    else children.set(parent, [node]);
    const above = sums.get(parent);
    if (above) {
      above.totalNs += sum.totalNs;
      above.samples += sum.samples;
    } else {
      totalNs += sum.totalNs;
      totalSamples += sum.samples;
    }
  }
  return {
    totalNs,
    totalSamples,
    childrenOf: (node: number): number[] => children.get(node) ?? [],
    sumOf: (node: number): Sum => sums.get(node) as Sum,
  };
}

/** Returns the largest nodes in their order. A caller is at least as large as its callees and comes earlier. */
function largestOf(
  placed: readonly Placed[],
  minNs: number,
  maxNodes: number,
): { readonly nodes: readonly VisibleNode[]; readonly omitted: number } {
  const ranked = [...placed.keys()]
    .filter((index) => (placed[index] as Placed).totalNs >= minNs)
    .sort((left, right) => (placed[right] as Placed).totalNs - (placed[left] as Placed).totalNs || left - right)
    .slice(0, maxNodes)
    .sort((left, right) => left - right);
  const indices = new Map(ranked.map((origin, index) => [origin, index]));
  const nodes = ranked.map((origin) => {
    const { endNs: _end, origin: _origin, ...node } = placed[origin] as Placed;
    return { ...node, parent: node.parent < 0 ? -1 : (indices.get(node.parent) as number) };
  });
  return { nodes, omitted: placed.length - nodes.length };
}

function parentOf(nodes: readonly StackNode[], node: number): number {
  return (nodes[node] as StackNode)[0];
}

function at(values: Float64Array, index: number): number {
  return values[index] as number;
}
