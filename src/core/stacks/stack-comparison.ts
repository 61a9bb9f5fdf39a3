import type { RemovedPath, StackComparison } from '../../protocol/panel/stack-view.ts';
import type { StackNode, Stacks } from '../../protocol/stacks.ts';
import { compareStacks, type FunctionTree } from './compare-stacks.ts';
import { type FunctionTimes, functionTimes, subtreeTotals } from './function-times.ts';
import { mergeThreads } from './merge-threads.ts';
import { addableThreads } from './thread-kinds.ts';

/** Stacks of another run, or of a file, that a user compares with. */
export interface StackReference {
  /** Name for users. */
  readonly name: string;
  readonly stacks: Stacks;
}

const maxFunctions = 100;
const maxRemoved = 50;
/** Smaller changes of the share are noise or rounding. */
const minChange = 0.0005;

interface ComparedView {
  readonly after: FunctionTree;
  /** Node of the tree for each node of the view. */
  readonly origins: readonly number[];
  /** Names of the selected threads; undefined for all. */
  readonly threadNames: ReadonlySet<string> | undefined;
  /** Returns the index in the view of a function in the returned list of functions. */
  readonly indexOf: (functionIndex: number) => number;
}

/** Returns the functions of both, and a function that describes what has changed since the reference. */
export function compareWithReference(
  { name, stacks }: StackReference,
  after: FunctionTree,
  threadNames: ReadonlySet<string> | undefined,
) {
  const threads = threadNames
    ? stacks.threads.filter(({ name: threadName }) => threadNames.has(threadName))
    : addableThreads(stacks.threads);
  const nodes = mergeThreads(threads);
  const { functions, beforeNodes, counterparts } = compareStacks({ functions: stacks.functions, nodes }, after);
  const totals = subtreeTotals(beforeNodes).cpuNs;
  const describe = ({ origins, indexOf }: Pick<ComparedView, 'origins' | 'indexOf'>): StackComparison => {
    const beforeByNode = new Map([...counterparts.entries()].map(([before, node]) => [node, before]));
    const changes = changesOf(beforeNodes, after.nodes);
    return {
      reference: name,
      beforeNs: totalOf(beforeNodes),
      beforeThreads: threads.length,
      before: origins.map((origin) => {
        const before = beforeByNode.get(origin);
        if (before === undefined) return { selfNs: 0, totalNs: 0 };
        return { selfNs: (beforeNodes[before] as StackNode)[3], totalNs: totals[before] as number };
      }),
      functions: changes.listed.map(({ index, ...times }) => ({ function: indexOf(index), ...times })),
      functionsOmitted: changes.omitted,
      removed: removedPaths(beforeNodes, counterparts, totals, (index) => functions[index]?.name ?? ''),
    };
  };
  return { functions, describe };
}

function changesOf(before: readonly StackNode[], after: readonly StackNode[]) {
  const [beforeTimes, afterTimes] = [functionTimes(before), functionTimes(after)];
  const [beforeNs, afterNs] = [totalOf(before) || 1, totalOf(after) || 1];
  const none: FunctionTimes = { selfNs: 0, totalNs: 0, selfSamples: 0, totalSamples: 0 };
  const changes = [...new Set([...beforeTimes.keys(), ...afterTimes.keys()])].map((index) => {
    const { selfNs: beforeSelfNs, totalNs: beforeTotalNs } = beforeTimes.get(index) ?? none;
    const { selfNs, totalNs } = afterTimes.get(index) ?? none;
    const change = Math.max(
      Math.abs(selfNs / afterNs - beforeSelfNs / beforeNs),
      Math.abs(totalNs / afterNs - beforeTotalNs / beforeNs),
    );
    const selfChange = Math.abs(selfNs / afterNs - beforeSelfNs / beforeNs);
    return { times: { index, beforeSelfNs, beforeNs: beforeTotalNs, selfNs, totalNs }, change, selfChange };
  });
  const listed = changes
    .filter(({ change }) => change >= minChange)
    .sort((left, right) => right.selfChange - left.selfChange || right.change - left.change)
    .slice(0, maxFunctions)
    .map(({ times }) => times);
  return { listed, omitted: changes.length - listed.length };
}

/** Returns the call paths without a counterpart whose caller has one, largest first. */
function removedPaths(
  nodes: readonly StackNode[],
  counterparts: Int32Array,
  totals: Float64Array,
  nameOf: (functionIndex: number) => string,
): readonly RemovedPath[] {
  const isTopmost = ([parent]: StackNode, node: number): boolean =>
    counterparts[node] === -1 && (parent < 0 || counterparts[parent] !== -1) && (totals[node] as number) > 0;
  return [...nodes.keys()]
    .filter((node) => isTopmost(nodes[node] as StackNode, node))
    .sort((left, right) => (totals[right] as number) - (totals[left] as number))
    .slice(0, maxRemoved)
    .map((node) => {
      const names: string[] = [];
      for (let above = node; above >= 0; above = (nodes[above] as StackNode)[0])
        names.unshift(nameOf((nodes[above] as StackNode)[1]));
      return { names, beforeNs: totals[node] as number };
    });
}

function totalOf(nodes: readonly StackNode[]): number {
  return nodes.reduce((sum, [, , , cpuNs]) => sum + cpuNs, 0);
}
