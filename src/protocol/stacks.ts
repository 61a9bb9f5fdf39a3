/** Stack trees: where the CPU time of each thread went, by call path. Part of a snapshot and of what the panel draws. */
import { amount, isRecord, list, number, object, optional, text, whole } from './schema.ts';

/** Function of a stack, identified by all of these. */
export interface StackFunction {
  readonly name: string;
  /** Relative to the workspace with `/` if inside, otherwise absolute. */
  readonly file?: string;
  /** One-based position of the function in its original source, as is `column`. */
  readonly line?: number;
  readonly column?: number;
  readonly component: string;
}

/**
 * Node of a stack tree. `parent` is the index of another node of the thread, which comes earlier, or -1 for a function that
 * was called by none. `function` is an index into the functions. Samples and CPU time are those in which the function
 * itself ran.
 */
export type StackNode = readonly [parent: number, function: number, samples: number, cpuNs: number];

export interface ThreadStacks {
  /** Process ID. */
  readonly process: number;
  /** Number of the thread in its process; 0 is the main thread. */
  readonly thread: number;
  readonly name: string;
  readonly nodes: readonly StackNode[];
  /** Number of samples whose deeper frames were counted for a caller, because the tree had reached its limit. */
  readonly omitted: number;
}

/** Stacks of all threads of a run. */
export interface Stacks {
  readonly functions: readonly StackFunction[];
  readonly threads: readonly ThreadStacks[];
}

const maxFunctions = 100_000;
const maxThreads = 100_000;
const maxNodes = 1_000_000;

const stackFunction = object({
  name: text,
  file: optional(text),
  line: optional(whole),
  column: optional(whole),
  component: text,
});

const threadOutline = object({ process: number, thread: number, name: text, omitted: amount });

/** Accepts stacks in which each node comes after its parent and has a function. */
export function isStacks(value: unknown): value is Stacks {
  if (!isRecord(value) || !list(stackFunction, maxFunctions)(value['functions'])) return false;
  const functionCount = value['functions'].length;
  const isThread = (thread: unknown): thread is ThreadStacks =>
    threadOutline(thread) && isNodeList((thread as { readonly nodes?: unknown }).nodes, functionCount);
  return list(isThread, maxThreads)(value['threads']);
}

function isNodeList(nodes: unknown, functionCount: number): boolean {
  if (!Array.isArray(nodes) || nodes.length > maxNodes) return false;
  return nodes.every((node: unknown, index) => {
    if (!Array.isArray(node) || node.length !== 4) return false;
    const [parent, functionIndex, samples, cpuNs] = node;
    const hasParent = parent === -1 || (whole(parent) && parent < index);
    return hasParent && whole(functionIndex) && functionIndex < functionCount && amount(samples) && amount(cpuNs);
  });
}
