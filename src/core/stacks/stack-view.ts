import { defined } from '../../protocol/defined.ts';
import {
  allThreads,
  type FunctionDetails,
  type FunctionLocation,
  type StackSelection,
  type StackView,
  type ViewedFunction,
  type VisibleNode,
} from '../../protocol/panel/stack-view.ts';
import type { StackFunction, StackNode, Stacks, ThreadStacks } from '../../protocol/stacks.ts';
import { calleeTree, callerTree } from './call-relations.ts';
import { functionLines } from './file-lines.ts';
import { type SubtreeTotals, subtreeTotals, timesOfFunction } from './function-times.ts';
import { mergeWithOrigins } from './merge-threads.ts';
import { compareWithReference, type StackReference } from './stack-comparison.ts';
import { addableThreads } from './thread-kinds.ts';
import { orderByTime, type ThreadSlices } from './time-order.ts';
import { visibleNodes } from './visible-nodes.ts';

const limits = { minShare: 0.001, maxNodes: 2000 };
/** A path has a node in each column that it is in, so there are more of them, and they are smaller. */
const timeLimits = { minShare: 0.0002, maxNodes: 4000 };
const detailLimits = { minShare: 0.005, maxNodes: 200 };

/** Everything beside the stacks that a view can show. */
export interface ViewSources {
  /** Run to compare with. */
  readonly reference?: StackReference | undefined;
  /** Returns the samples of the threads by time, in the order of the threads. Absent if they are not recorded. */
  readonly slices?: (() => readonly ThreadSlices[]) | undefined;
}

/** Returns the key by which a thread is selected. */
export function threadKeyOf({ process, thread, kind }: Pick<ThreadStacks, 'process' | 'thread' | 'kind'>): string {
  return kind === undefined ? `${process}.${thread}` : `${process}.${thread}.${kind}`;
}

/** Returns the key by which all threads of a process are selected. */
export function processKeyOf({ process }: Pick<ThreadStacks, 'process'>): string {
  return `process:${process}`;
}

/** Returns what the panel shows of stacks. Without the selected thread, all threads are shown. */
export function buildStackView(
  stacks: Stacks,
  selection: StackSelection,
  { reference, slices }: ViewSources = {},
): StackView {
  const { thread: key } = selection;
  const selected = addableThreads(
    stacks.threads.filter((thread) => threadKeyOf(thread) === key || processKeyOf(thread) === key),
  );
  const hasKey = selected.length > 0;
  const threads = hasKey ? selected : addableThreads(stacks.threads);
  const { nodes, translated } = mergeWithOrigins(threads);
  const totals = subtreeTotals(nodes);
  const whole = visibleNodes(nodes, limits, totals);
  const compared = reference
    ? compareWithReference(
        reference,
        { functions: stacks.functions, nodes },
        hasKey ? new Set(threads.map(({ name }) => name)) : undefined,
      )
    : undefined;
  const functions = new ViewedFunctions(compared?.functions ?? stacks.functions);
  const timed =
    selection.order === 'time' && slices && !compared
      ? orderByTime(nodes, slicesOf(threads, translated, stacks.threads, slices()), timeLimits)
      : undefined;
  const details =
    selection.function === undefined ? undefined : detailsOf({ threads, nodes, totals, functions }, selection.function);
  return {
    selection: { ...selection, thread: hasKey ? key : allThreads },
    threads: stacks.threads
      .map((thread) => ({
        key: threadKeyOf(thread),
        name: thread.name,
        process: thread.process,
        totalNs: totalOf(thread.nodes),
        ...defined({ kind: thread.kind }),
      }))
      .sort((left, right) => right.totalNs - left.totalNs),
    nodes: functions.translate(timed?.nodes ?? whole.nodes),
    ...(threads[0]?.kind === 'spans' ? { unit: 'wall' as const } : {}),
    totalNs: whole.totalNs,
    totalSamples: whole.totalSamples,
    omitted: timed?.omitted ?? whole.omitted,
    ...(details ? { details } : {}),
    hasTimes: slices !== undefined,
    ...(timed ? { timeColumns: { stepNs: timed.stepNs, columns: timed.columns } } : {}),
    ...(compared
      ? { comparison: compared.describe({ origins: whole.origins, indexOf: (index) => functions.indexOf(index) }) }
      : {}),
    ...(stacks.lineSource ? { lineSource: stacks.lineSource } : {}),
    functions: functions.list,
  };
}

/** Returns the ID of a function at a location: that of the same line and name, else the nearest that has the name. */
export function findStackFunction(
  functions: readonly StackFunction[],
  { file, line, name }: FunctionLocation,
): number | undefined {
  const candidates = [...functions.keys()].filter((index) => functions[index]?.file === file);
  const distanceOf = (index: number): number => Math.abs((functions[index]?.line ?? 1) - (line ?? 1));
  const named = candidates.filter((index) => name === undefined || functions[index]?.name === name);
  const sameLine = candidates.filter((index) => line !== undefined && functions[index]?.line === line);
  const matches = named.length > 0 ? named : sameLine;
  return matches.toSorted((left, right) => distanceOf(left) - distanceOf(right))[0];
}

function slicesOf(
  threads: readonly ThreadStacks[],
  translated: readonly (readonly number[])[],
  all: readonly ThreadStacks[],
  slices: readonly ThreadSlices[],
): Parameters<typeof orderByTime>[1] {
  return threads.flatMap((thread, index) => {
    const recorded = slices[all.indexOf(thread)];
    return recorded ? [{ ...recorded, translated: translated[index] ?? [] }] : [];
  });
}

/** The functions of a view, in the order in which they are first used. */
class ViewedFunctions {
  readonly list: ViewedFunction[] = [];
  readonly #all: readonly StackFunction[];
  readonly #indices = new Map<number, number>();

  constructor(all: readonly StackFunction[]) {
    this.#all = all;
  }

  indexOf(id: number): number {
    const existing = this.#indices.get(id);
    if (existing !== undefined) return existing;
    const index = this.list.length;
    this.list.push({ name: '', component: '', ...this.#all[id], id });
    this.#indices.set(id, index);
    return index;
  }

  translate(nodes: readonly VisibleNode[]): readonly VisibleNode[] {
    return nodes.map((node) => ({ ...node, function: this.indexOf(node.function) }));
  }
}

interface ViewedTree {
  readonly threads: readonly ThreadStacks[];
  readonly nodes: readonly StackNode[];
  readonly totals: SubtreeTotals;
  readonly functions: ViewedFunctions;
}

function detailsOf({ threads, nodes, totals, functions }: ViewedTree, id: number): FunctionDetails | undefined {
  const times = timesOfFunction(nodes, totals, id);
  if (!times) return undefined;
  const { selfNs, totalNs, totalSamples } = times;
  const lines = functionLines(threads, id);
  return {
    function: functions.indexOf(id),
    selfNs,
    totalNs,
    totalSamples,
    callers: functions.translate(visibleNodes(callerTree(nodes, id, totals), detailLimits).nodes),
    callees: functions.translate(visibleNodes(calleeTree(nodes, id), detailLimits).nodes),
    ...(lines.length > 0 ? { lines } : {}),
  };
}

function totalOf(nodes: readonly StackNode[]): number {
  return nodes.reduce((sum, [, , , cpuNs]) => sum + cpuNs, 0);
}
