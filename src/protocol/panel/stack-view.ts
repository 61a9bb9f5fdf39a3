/** The call stacks that the panel shows: a part of a run, without what is too small to be seen. */
import { amount, type Infer, literal, object, optional, text, whole } from '../schema.ts';
import type { LineSource, StackFunction } from '../stacks.ts';

/** Key of all threads together. */
export const allThreads = 'all';

/** Order of callees beside each other: by their time, largest first, or in the order of the seconds in which they ran. */
export const stackOrders = ['size', 'time'] as const;
export type StackOrder = (typeof stackOrders)[number];

export const isStackSelection = object({
  /** Key of a thread, of a process, or `allThreads`. */
  thread: text,
  /** Part of the run, in nanoseconds since its start. */
  range: optional(object({ startNs: amount, endNs: amount })),
  /** ID of the function whose callers and callees are shown. */
  function: optional(whole),
  /** `size` if absent. */
  order: optional(literal(...stackOrders)),
});
/** The part of the stacks that a user wants to see. */
export type StackSelection = Infer<typeof isStackSelection>;

/** Function in the source code. `name` and `line` tell functions of the same file apart. */
export interface FunctionLocation {
  /** Named as in the snapshot. */
  readonly file: string;
  /** One-based. */
  readonly line?: number;
  readonly name?: string;
}

/** Node of a tree from which small nodes were removed. What is missing of `totalNs` belongs to removed nodes. */
export interface VisibleNode {
  /** Index of another visible node, which comes earlier, or -1. */
  readonly parent: number;
  /** Index into the functions of the view. */
  readonly function: number;
  readonly selfNs: number;
  readonly totalNs: number;
  readonly totalSamples: number;
  /** Present in the order of time, where a call path can have several nodes. */
  readonly time?: {
    /** CPU time of everything that ran before. */
    readonly offsetNs: number;
    /** Start of the first column of the node, since the start of the run. */
    readonly startNs: number;
  };
}

export interface ViewedFunction extends StackFunction {
  /** Number of the function in its run. */
  readonly id: number;
}

/** Cost of a line of a function. */
export interface LineTimes {
  /** One-based. */
  readonly line: number;
  readonly samples: number;
  /** CPU time of the line itself. */
  readonly selfNs: number;
  /** CPU time of the line with all functions that it called. */
  readonly totalNs: number;
}

/** Text of a function in its file. */
export interface FunctionSource {
  /** In the order of the file. Lines without a cost are left out of a long function. */
  readonly lines: readonly { readonly line: number; readonly text: string }[];
  /** True if the file was changed after the run had started, so that its lines may be others now. */
  readonly isChanged: boolean;
}

/** A function with its callers and callees. In both trees, the function is the only node without a parent. */
export interface FunctionDetails {
  readonly function: number;
  readonly selfNs: number;
  readonly totalNs: number;
  readonly totalSamples: number;
  readonly callers: readonly VisibleNode[];
  readonly callees: readonly VisibleNode[];
  /** Present if the samples name lines, in the order of the lines. */
  readonly lines?: readonly LineTimes[];
  /** Present if the file could be read. */
  readonly source?: FunctionSource;
}

/** CPU time of a function or call path in the reference and in the run that is shown. */
export interface ComparedTimes {
  readonly beforeSelfNs: number;
  readonly beforeNs: number;
  readonly selfNs: number;
  readonly totalNs: number;
}

export interface ComparedFunction extends ComparedTimes {
  /** Index into the functions of the view. */
  readonly function: number;
}

/** Call path that exists only in the reference. Its caller exists in both. */
export interface RemovedPath {
  /** Names of the functions, the outermost first. */
  readonly names: readonly string[];
  readonly beforeNs: number;
}

/** Changes since a reference. */
export interface StackComparison {
  readonly reference: string;
  /** CPU time of the reference. */
  readonly beforeNs: number;
  /** Number of threads of the reference that correspond to the selected ones. */
  readonly beforeThreads: number;
  /** Times of each node of the view in the reference. */
  readonly before: readonly { readonly selfNs: number; readonly totalNs: number }[];
  /** Functions with a time in one of both, the largest change of the share of self time first. */
  readonly functions: readonly ComparedFunction[];
  /** Number of functions whose change is too small to be listed. */
  readonly functionsOmitted: number;
  /** Largest first. */
  readonly removed: readonly RemovedPath[];
}

/** Thread or, with all of its threads, process that can be selected. */
export interface SelectableThread {
  readonly key: string;
  readonly name: string;
  /** Process ID; 0 for threads that have made room for others. */
  readonly process: number;
  readonly totalNs: number;
  /** Present if this is the tree of the spans of a thread, in wall time. */
  readonly kind?: 'spans';
}

/** Columns of the order of time. */
export interface TimeColumns {
  /** Duration of a column. */
  readonly stepNs: number;
  /** Start of each column since the start of the run, and CPU time of the columns before. */
  readonly columns: readonly { readonly startNs: number; readonly offsetNs: number }[];
}

export interface StackView {
  readonly selection: StackSelection;
  /** Present if lines are known. */
  readonly lineSource?: LineSource;
  /** Threads that can be selected, largest first. */
  readonly threads: readonly SelectableThread[];
  readonly functions: readonly ViewedFunction[];
  readonly nodes: readonly VisibleNode[];
  /** Present if the times are measured wall time of spans, and the samples are spans. Otherwise they are sampled CPU time. */
  readonly unit?: 'wall';
  readonly totalNs: number;
  readonly totalSamples: number;
  /** Number of nodes that are too small to be shown. */
  readonly omitted: number;
  /** Present if a function is selected that has been sampled. */
  readonly details?: FunctionDetails;
  /** True if the times of samples are recorded, so that they can be shown in the order of time. */
  readonly hasTimes: boolean;
  /** Present if the nodes are in the order of time. */
  readonly timeColumns?: TimeColumns;
  /** Present if the selection is compared with a reference. */
  readonly comparison?: StackComparison;
}
