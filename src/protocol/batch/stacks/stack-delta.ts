/** The parts of a batch that describe stacks. Node 0 is the root. */
import { amount, type Guard, type Infer, object, refine, whole } from '../../schema.ts';

/** Three numbers, of which the first two are whole. */
function triple(value: unknown): value is readonly [number, number, number] {
  return Array.isArray(value) && value.length === 3 && whole(value[0]) && whole(value[1]) && amount(value[2]);
}

/** Sent once, before its number is used: number of the node, number of its parent or 0, and ID of its function. */
export type StackNodeDelta = readonly [node: number, parent: number, id: number];
export const isStackNodeDelta = refine(triple, ([node, parent, id]) => node > 0 && node !== parent && whole(id));

/** Samples in which the function of a node itself ran, and their CPU time. */
export type StackSampleDelta = readonly [node: number, samples: number, cpuNs: number];
export const isStackSampleDelta: Guard<StackSampleDelta> = triple;

export const isLoopBlockDelta = object({
  /** Epoch milliseconds of its start. */
  atMs: amount,
  durationNs: amount,
  /** Node of the stack that held the event loop. */
  node: whole,
});
/** A turn of the event loop that took too long. */
export type LoopBlockDelta = Infer<typeof isLoopBlockDelta>;

/**
 * Function, line in its original source (one-based), samples in which the line ran or called something, and CPU time of the
 * line itself and with all that it called. A stack with several calls from one line counts once.
 */
export type StackLineDelta = readonly [id: number, line: number, samples: number, selfNs: number, totalNs: number];
export function isStackLineDelta(value: unknown): value is StackLineDelta {
  if (!Array.isArray(value) || value.length !== 5) return false;
  const [id, line, samples, selfNs, totalNs] = value;
  return whole(id) && whole(line) && line > 0 && whole(samples) && amount(selfNs) && amount(totalNs);
}
