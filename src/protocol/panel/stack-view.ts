/** The call stacks that the panel shows: a part of a run, without what is too small to be seen. */
import { amount, type Infer, object, optional, text, whole } from '../schema.ts';
import type { StackFunction } from '../stacks.ts';

/** Key of all threads together. */
export const allThreads = 'all';

export const isStackSelection = object({
  /** Key of a thread, or `allThreads`. */
  thread: text,
  /** Part of the run, in nanoseconds since its start. */
  range: optional(object({ startNs: amount, endNs: amount })),
  /** ID of the function whose callers and callees are shown. */
  function: optional(whole),
});
/** The part of the stacks that a user wants to see. */
export type StackSelection = Infer<typeof isStackSelection>;

/** Node of a tree from which small nodes were removed. What is missing of `totalNs` belongs to removed nodes. */
export interface VisibleNode {
  /** Index of another visible node, which comes earlier, or -1. */
  readonly parent: number;
  /** Index into the functions of the view. */
  readonly function: number;
  readonly selfNs: number;
  readonly totalNs: number;
  readonly totalSamples: number;
}

export interface ViewedFunction extends StackFunction {
  /** Number of the function in its run. */
  readonly id: number;
}

/** A function with its callers and callees. In both trees, the function is the only node without a parent. */
export interface FunctionDetails {
  readonly function: number;
  readonly selfNs: number;
  readonly totalNs: number;
  readonly totalSamples: number;
  readonly callers: readonly VisibleNode[];
  readonly callees: readonly VisibleNode[];
}

export interface StackView {
  readonly selection: StackSelection;
  /** Threads that can be selected, largest first. */
  readonly threads: readonly { readonly key: string; readonly name: string; readonly totalNs: number }[];
  readonly functions: readonly ViewedFunction[];
  readonly nodes: readonly VisibleNode[];
  readonly totalNs: number;
  readonly totalSamples: number;
  /** Number of nodes that are too small to be shown. */
  readonly omitted: number;
  /** Present if a function is selected that has been sampled. */
  readonly details?: FunctionDetails;
}
