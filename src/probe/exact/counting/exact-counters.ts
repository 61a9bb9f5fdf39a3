import { bucketCount } from '../../../protocol/batch/buckets.ts';

/** Maximum number of functions timed exactly per thread; further functions are not instrumented. */
export const maxRows = 1024;
/** Mask of a function that is neither counted nor timed. With any other mask, one of `mask + 1` calls is timed on average. */
export const disabledMask = -1;

/**
 * Sums of durations. A timed call counts as often as the calls that it represents: itself and those before it that were not
 * timed. `busyNs` and `openNs` are of timed calls only.
 */
const floatColumns = [
  /** Durations of outermost calls, which are not inside of another call of the function. */
  'outerNs',
  /** Durations of the other calls. */
  'nestedNs',
  /** Time on the stack, and the part of it in which the thread waited for something. */
  'ranNs',
  'waitedNs',
  /** The same of the calls inside, whichever function they are of. */
  'childrenNs',
  'childrenWaitedNs',
  /** Running time of asynchronous calls. */
  'cpuNs',
  /** Time in which at least one asynchronous call or generator was in progress. */
  'busyNs',
  /** Time of the thread's clock since which that is so. */
  'busySinceMs',
  /** Durations of the calls in `busyNs`, so that `busyNs / openNs` tells how much they overlap. */
  'openNs',
  'minNs',
  'maxNs',
] as const;
const integerColumns = [
  /** Numbers of outermost and of other calls. */
  'outer',
  'nested',
  /** Numbers of the last timed ones among them, and of the next ones to be timed. */
  'lastOuter',
  'lastNested',
  'nextOuter',
  'nextNested',
  /** Number of calls chosen to be timed, and of those that have ended. */
  'selected',
  'timed',
  'errors',
  /** Asynchronous and synchronous calls in progress, and the timed ones among the asynchronous. */
  'active',
  'depth',
  'open',
  /** Timed outermost calls and others since the budget was set, and their masks. */
  'used',
  'usedNested',
  'mask',
  'maskNested',
  /** 1 if running and waiting cannot be distinguished, so that the self time is unknown. */
  'blind',
] as const;

type FloatColumns = { readonly [Name in (typeof floatColumns)[number]]: Float64Array };
type IntegerColumns = { readonly [Name in (typeof integerColumns)[number]]: Int32Array };

/**
 * Numbers of exactly timed functions, one row per function, in memory that the program's thread and the sampler share.
 * The thread counts. The sampler reads the counts, and sets the masks and the quota that decide which calls are timed.
 */
export interface ExactCounters extends FloatColumns, IntegerColumns {
  readonly memory: SharedArrayBuffer;
  readonly buckets: Uint32Array;
  /** Two elements: epoch milliseconds at the zero of the thread's clock, and when the thread began to count. */
  readonly startMs: Float64Array;
  /** One element: timed calls of one function per report interval before fewer of them are timed. */
  readonly quota: Int32Array;
}

/** Size for all rows. Pages of unused rows are never touched, so they take address space but no memory. */
const memoryBytes = maxRows * (floatColumns.length * 8 + (integerColumns.length + bucketCount) * 4) + 24;

/** Returns the counters in this memory, or in new memory. */
export function createCounters(memory?: SharedArrayBuffer): ExactCounters {
  const shared = memory ?? new SharedArrayBuffer(memoryBytes);
  let nextOffset = 0;
  const reserve = (bytes: number): number => {
    nextOffset += bytes;
    return nextOffset - bytes;
  };
  const floats = (length = maxRows): Float64Array => new Float64Array(shared, reserve(length * 8), length);
  const integers = (length = maxRows): Int32Array => new Int32Array(shared, reserve(length * 4), length);
  const counters = {
    memory: shared,
    ...(Object.fromEntries(floatColumns.map((name) => [name, floats()])) as unknown as FloatColumns),
    startMs: floats(2),
    ...(Object.fromEntries(integerColumns.map((name) => [name, integers()])) as unknown as IntegerColumns),
    buckets: new Uint32Array(shared, reserve(maxRows * bucketCount * 4), maxRows * bucketCount),
    quota: integers(1),
  };
  if (!memory) counters.startMs.set([performance.timeOrigin, performance.timeOrigin + performance.now()]);
  return counters;
}

/** Numbers of either the outermost calls or the others. Each kind is selected by itself, because there may be far fewer outermost ones. */
export interface CallKind {
  readonly count: Int32Array;
  /** Numbers of the last call that was timed, and of the next one to be timed. */
  readonly last: Int32Array;
  readonly next: Int32Array;
  readonly used: Int32Array;
  readonly mask: Int32Array;
  readonly durationsNs: Float64Array;
}

/** Returns the columns of the outermost calls and of the others. */
export function callKindsOf(counters: ExactCounters): { readonly outermost: CallKind; readonly nested: CallKind } {
  const { outer, lastOuter, nextOuter, used, mask, outerNs } = counters;
  const { nested, lastNested, nextNested, usedNested, maskNested, nestedNs } = counters;
  return {
    outermost: { count: outer, last: lastOuter, next: nextOuter, used, mask, durationsNs: outerNs },
    nested: {
      count: nested,
      last: lastNested,
      next: nextNested,
      used: usedNested,
      mask: maskNested,
      durationsNs: nestedNs,
    },
  };
}

/** Times every call of a row from now on, until the budget requires less. */
export function enableRow(counters: ExactCounters, row: number): void {
  const { outermost, nested } = callKindsOf(counters);
  for (const { count, next } of [outermost, nested]) next[row] = count[row] as number;
  nested.mask[row] = 0;
  outermost.mask[row] = 0;
}
