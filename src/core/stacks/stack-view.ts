import {
  allThreads,
  type FunctionDetails,
  type StackSelection,
  type StackView,
  type ViewedFunction,
  type VisibleNode,
} from '../../protocol/panel/stack-view.ts';
import type { StackNode, Stacks, ThreadStacks } from '../../protocol/stacks.ts';
import { calleeTree, callerTree } from './call-relations.ts';
import { functionTimes } from './function-times.ts';
import { mergeThreads } from './merge-threads.ts';
import { visibleNodes } from './visible-nodes.ts';

const limits = { minShare: 0.001, maxNodes: 2000 };
const detailLimits = { minShare: 0.005, maxNodes: 200 };

/** Returns the key by which a thread is selected. */
export function threadKeyOf({ process, thread }: ThreadStacks): string {
  return `${process}.${thread}`;
}

/** Returns what the panel shows of stacks. Without the selected thread, all threads are shown. */
export function buildStackView(stacks: Stacks, selection: StackSelection): StackView {
  const selected = stacks.threads.filter((thread) => threadKeyOf(thread) === selection.thread);
  const isSingle = selected.length > 0;
  const nodes = mergeThreads(isSingle ? selected : stacks.threads);
  const functions = new ViewedFunctions(stacks);
  const visible = visibleNodes(nodes, limits);
  const details = selection.function === undefined ? undefined : detailsOf(nodes, selection.function, functions);
  return {
    selection: { ...selection, thread: isSingle ? selection.thread : allThreads },
    threads: stacks.threads
      .map((thread) => ({ key: threadKeyOf(thread), name: thread.name, totalNs: totalOf(thread.nodes) }))
      .sort((left, right) => right.totalNs - left.totalNs),
    nodes: functions.translate(visible.nodes),
    totalNs: visible.totalNs,
    totalSamples: visible.totalSamples,
    omitted: visible.omitted,
    ...(details ? { details } : {}),
    functions: functions.list,
  };
}

/** The functions of a view, in the order in which they are first used. */
class ViewedFunctions {
  readonly list: ViewedFunction[] = [];
  readonly #stacks: Stacks;
  readonly #indices = new Map<number, number>();

  constructor(stacks: Stacks) {
    this.#stacks = stacks;
  }

  indexOf(id: number): number {
    const existing = this.#indices.get(id);
    if (existing !== undefined) return existing;
    const index = this.list.length;
    this.list.push({ name: '', component: '', ...this.#stacks.functions[id], id });
    this.#indices.set(id, index);
    return index;
  }

  translate(nodes: readonly VisibleNode[]): readonly VisibleNode[] {
    return nodes.map((node) => ({ ...node, function: this.indexOf(node.function) }));
  }
}

function detailsOf(nodes: readonly StackNode[], id: number, functions: ViewedFunctions): FunctionDetails | undefined {
  const times = functionTimes(nodes).get(id);
  if (!times) return undefined;
  const { selfNs, totalNs, totalSamples } = times;
  return {
    function: functions.indexOf(id),
    selfNs,
    totalNs,
    totalSamples,
    callers: functions.translate(visibleNodes(callerTree(nodes, id), detailLimits).nodes),
    callees: functions.translate(visibleNodes(calleeTree(nodes, id), detailLimits).nodes),
  };
}

function totalOf(nodes: readonly StackNode[]): number {
  return nodes.reduce((sum, [, , , cpuNs]) => sum + cpuNs, 0);
}
