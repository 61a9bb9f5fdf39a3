import { bucketCount } from '../../../protocol/batch/buckets.ts';

/** Maximum number of functions timed exactly per thread; further functions are not instrumented. */
export const maxRows = 1024;
/** Mask of a function that is neither counted nor timed. With any other mask, one of `mask + 1` calls is timed on average. */
export const disabledMask = -1;
/** Number of integers of a function, and number of its floats. */
export const rowSize = 16;

/**
 * Positions in the integers of a row. The first five numbers are of the outermost calls, which are not inside of another call of
 * the function; they follow once more from `nested` on for the others. Each part is selected by itself, because there may be
 * far fewer outermost calls.
 */
export const integerAt = {
  mask: 0,
  calls: 1,
  /** Numbers of the next call to be timed, and of the last one that was. */
  nextTimed: 2,
  lastTimed: 3,
  /** Number of timed calls since the budget was set. */
  used: 4,
  /** Calls in progress. */
  active: 5,
  errors: 6,
  /** Number of calls chosen to be timed, and of those that have ended. */
  selected: 7,
  timed: 13,
  /** Timed asynchronous calls in progress. */
  open: 14,
  /** 1 if running and waiting cannot be distinguished, so that the self time is unknown. */
  blind: 15,
} as const;
export const nested = 8;

/**
 * Positions in the floats of a row: sums of durations. A timed call counts as often as the calls that it represents: itself and
 * those before it that were not timed. `busyNs` and `openNs` are of timed calls only.
 */
export const floatAt = {
  /** Durations of the outermost calls. */
  outerNs: 0,
  /** Time on the stack, and the part of it in which the thread waited for something. */
  ranNs: 1,
  waitedNs: 2,
  /** The same of the calls inside, whichever function they are of. */
  childrenNs: 3,
  childrenWaitedNs: 4,
  minNs: 5,
  maxNs: 6,
  /** End of the last timed outermost call, by the thread's clock. */
  endMs: 7,
  /** Durations of the other calls. */
  nestedNs: 8,
  /** Running time of asynchronous calls. */
  cpuNs: 9,
  /** Time in which at least one asynchronous call or generator was in progress. */
  busyNs: 10,
  /** Time of the thread's clock since which that is so. */
  busySinceMs: 11,
  /** Durations of the calls in `busyNs`, so that `busyNs / openNs` tells how much they overlap. */
  openNs: 12,
} as const;

/**
 * Numbers of exactly timed functions, one row per function, in memory that the program's thread and the sampler share.
 * The thread counts. The sampler reads the counts, and sets the masks and the quota that decide which calls are timed.
 * All integers are in one array, because optimized code checks each array that it accesses.
 */
export interface ExactCounters {
  readonly memory: SharedArrayBuffer;
  /** The rows; one more element holds the function that runs: its row + 1, or 0 for other code. */
  readonly integers: Int32Array;
  readonly floats: Float64Array;
  readonly buckets: Uint32Array;
  /** Two elements: epoch milliseconds at the zero of the thread's clock, and when the thread began to count. */
  readonly startMs: Float64Array;
  /** One element: timed calls of one function per report interval before fewer of them are timed. */
  readonly quota: Int32Array;
}

/** Position of the function that runs. */
export const currentAt = maxRows * rowSize;

/** Size for all rows. Pages of unused rows are never touched, so they take address space but no memory. */
const memoryBytes = maxRows * (rowSize * (8 + 4) + bucketCount * 4) + 24;

/** Returns the counters in this memory, or in new memory. */
export function createCounters(memory?: SharedArrayBuffer): ExactCounters {
  const shared = memory ?? new SharedArrayBuffer(memoryBytes);
  let nextOffset = 0;
  const reserve = (bytes: number): number => {
    nextOffset += bytes;
    return nextOffset - bytes;
  };
  const floats = (length: number): Float64Array => new Float64Array(shared, reserve(length * 8), length);
  const integers = (length: number): Int32Array => new Int32Array(shared, reserve(length * 4), length);
  const counters = {
    memory: shared,
    floats: floats(maxRows * rowSize),
    startMs: floats(2),
    integers: integers(maxRows * rowSize + 1),
    quota: integers(1),
    buckets: new Uint32Array(shared, reserve(maxRows * bucketCount * 4), maxRows * bucketCount),
  };
  if (!memory) counters.startMs.set([performance.timeOrigin, performance.timeOrigin + performance.now()]);
  return counters;
}

/** Initializes the row of a function, which is disabled. */
export function prepareRow(counters: ExactCounters, row: number): void {
  counters.floats[row * rowSize + floatAt.minNs] = Number.POSITIVE_INFINITY;
  disableRow(counters, row);
}

/** Returns true if the calls of a row are counted. */
export function isEnabled({ integers }: ExactCounters, row: number): boolean {
  return (integers[row * rowSize + integerAt.mask] as number) >= 0;
}

/** Times every call of a row from now on, until the budget requires less. */
export function enableRow({ integers }: ExactCounters, row: number): void {
  for (const cell of [row * rowSize + nested, row * rowSize]) {
    integers[cell + integerAt.nextTimed] = integers[cell + integerAt.calls] as number;
    integers[cell + integerAt.mask] = 0;
  }
}

/** Neither counts nor times the calls of a row from now on. */
export function disableRow({ integers }: ExactCounters, row: number): void {
  integers[row * rowSize + integerAt.mask] = disabledMask;
}
