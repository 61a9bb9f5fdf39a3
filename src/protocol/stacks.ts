/** Stack trees: where the CPU time of each thread went, by call path. Part of a snapshot and of what the panel draws. */
import { amount, type Infer, isRecord, list, literal, number, object, optional, text, whole } from './schema.ts';

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

/**
 * Line of a function in its original source, counted from 1, with the samples in which it ran or called something, and its CPU
 * time without and with all that it called. Time of a function that is in none of its lines ran at an unknown line.
 */
export type StackLine = readonly [function: number, line: number, samples: number, selfNs: number, totalNs: number];

/**
 * Origin of lines. `ticks`: the line that ran, from V8's profiler; lines of calls are known as far as the source code shows
 * them. `checks`: the line of the call, or of the end of the loop, at which V8 could be interrupted.
 */
export const lineSource = literal('ticks', 'checks');
export type LineSource = Infer<typeof lineSource>;

/** Returns the source of lines that come from both. */
export function weakerSource(left: LineSource | undefined, right: LineSource | undefined): LineSource | undefined {
  return left === 'checks' ? left : (right ?? left);
}

export interface ThreadStacks {
  /** Process ID. */
  readonly process: number;
  /** Number of the thread in its process; 0 is the main thread. */
  readonly thread: number;
  readonly name: string;
  readonly nodes: readonly StackNode[];
  /** Number of samples whose deeper frames were counted for a caller, because the tree had reached its limit. */
  readonly omitted: number;
  /**
   * Present if this is the tree of a source's spans. Then samples are spans, and times are measured wall time outside of the
   * spans inside; they must not be added to CPU time.
   */
  readonly kind?: 'spans';
  /** Present if lines are known. */
  readonly lines?: readonly StackLine[];
}

/** Stacks of all threads of a run. */
export interface Stacks {
  readonly functions: readonly StackFunction[];
  readonly threads: readonly ThreadStacks[];
  /** Present if a thread has lines. */
  readonly lineSource?: LineSource;
}

const maxFunctions = 100_000;
const maxThreads = 100_000;
const maxNodes = 1_000_000;
const maxLines = 1_000_000;

const stackFunction = object({
  name: text,
  file: optional(text),
  line: optional(whole),
  column: optional(whole),
  component: text,
});

const threadOutline = object({
  process: number,
  thread: number,
  name: text,
  omitted: amount,
  kind: optional(literal('spans')),
});

/** Accepts stacks in which each node comes after its parent and has a function. */
export function isStacks(value: unknown): value is Stacks {
  if (!isRecord(value) || !list(stackFunction, maxFunctions)(value['functions'])) return false;
  const functionCount = value['functions'].length;
  const isThread = (thread: unknown): thread is ThreadStacks =>
    threadOutline(thread) && hasValidNodes(thread, functionCount);
  return optional(lineSource)(value['lineSource']) && list(isThread, maxThreads)(value['threads']);
}

function hasValidNodes(thread: object, functionCount: number): boolean {
  const { nodes, lines } = thread as { readonly nodes?: unknown; readonly lines?: unknown };
  return isNodeList(nodes, functionCount) && (lines === undefined || isLineList(lines, functionCount));
}

function isLineList(lines: unknown, functionCount: number): boolean {
  if (!Array.isArray(lines) || lines.length > maxLines) return false;
  return lines.every((entry: unknown) => {
    if (!Array.isArray(entry) || entry.length !== 5) return false;
    const [functionIndex, line, samples, selfNs, totalNs] = entry;
    const hasPlace = whole(functionIndex) && functionIndex < functionCount && whole(line) && line > 0;
    return hasPlace && amount(samples) && amount(selfNs) && amount(totalNs);
  });
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
