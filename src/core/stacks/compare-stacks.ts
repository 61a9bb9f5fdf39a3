import type { StackFunction, StackNode } from '../../protocol/stacks.ts';
import { functionKey } from './merge-threads.ts';

/** One tree of a run with the functions of the run. */
export interface FunctionTree {
  readonly functions: readonly StackFunction[];
  readonly nodes: readonly StackNode[];
}

interface ComparedStacks {
  /** Functions of the later run, followed by those that only the earlier one has. */
  readonly functions: readonly StackFunction[];
  /** Tree of the earlier run, with indices into `functions`. */
  readonly beforeNodes: readonly StackNode[];
  /** Node of the later run with the same call path for each node of the earlier one; -1 if there is none. */
  readonly counterparts: Int32Array;
}

/** Returns the call paths of the earlier run that are in the later one too. */
export function compareStacks(before: FunctionTree, after: FunctionTree): ComparedStacks {
  const { functions, indices } = matchFunctions(before.functions, after.functions);
  const beforeNodes = before.nodes.map(
    ([parent, index, samples, cpuNs]): StackNode => [parent, indices[index] as number, samples, cpuNs],
  );
  const keyOf = (parent: number, index: number): number => (parent + 1) * (functions.length + 1) + index;
  const afterByKey = new Map(after.nodes.map(([parent, index], node) => [keyOf(parent, index), node]));
  const counterparts = new Int32Array(beforeNodes.length).fill(-1);
  for (const [node, [parent, index]] of beforeNodes.entries()) {
    const above = parent < 0 ? -1 : (counterparts[parent] as number);
    if (parent >= 0 && above < 0) continue;
    counterparts[node] = afterByKey.get(keyOf(above, index)) ?? -1;
  }
  return { functions, beforeNodes, counterparts };
}

/**
 * Returns the number of each earlier function in the list of all. Functions are the same if they have the same position. A
 * function that has moved is the same if both runs have only one of its name in its file.
 */
function matchFunctions(
  before: readonly StackFunction[],
  after: readonly StackFunction[],
): { readonly functions: readonly StackFunction[]; readonly indices: readonly number[] } {
  const functions = [...after];
  const exact = new Map(after.map((entry, index) => [functionKey(entry), index]));
  const indices = before.map((entry) => exact.get(functionKey(entry)));
  const taken = new Set(indices);
  const rest = (all: readonly StackFunction[], isFree: (index: number) => boolean) =>
    Map.groupBy([...all.keys()].filter(isFree), (index) => nameKey(all[index] as StackFunction));
  const freeBefore = rest(before, (index) => indices[index] === undefined);
  const freeAfter = rest(after, (index) => !taken.has(index));
  for (const [key, [index, ...others]] of freeBefore) {
    const [match, ...otherMatches] = freeAfter.get(key) ?? [];
    if (index !== undefined && others.length === 0 && otherMatches.length === 0) indices[index] = match;
  }
  return { functions, indices: before.map((entry, index) => indices[index] ?? functions.push(entry) - 1) };
}

function nameKey({ file = '', name, component }: StackFunction): string {
  return [file, name, file === '' ? component : ''].join('\0');
}
