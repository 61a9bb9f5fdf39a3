import { bucketCount } from '../../protocol/batch/buckets.ts';

/** Maximum number of functions timed exactly per thread; further functions are not instrumented. */
export const maxRows = 1024;
/** Mask of a function that is neither counted nor timed. With any other mask, a call is timed if `number & mask` is 0. */
export const disabledMask = -1;

const floatColumns = ['totalNs', 'cpuNs', 'minNs', 'maxNs'] as const;
const integerColumns = [
  'count',
  'skipped',
  'outer',
  'outerTimed',
  'errors',
  'active',
  'timed',
  'used',
  'mask',
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
  /** One element: timed calls of one function per report interval before fewer of them are timed. */
  readonly quota: Int32Array;
}

/** Size for all rows. Pages of unused rows are never touched, so they take address space but no memory. */
const memoryBytes = maxRows * (floatColumns.length * 8 + (integerColumns.length + bucketCount) * 4) + 8;

/** Returns the counters in this memory, or in new memory. */
export function createCounters(memory: SharedArrayBuffer = new SharedArrayBuffer(memoryBytes)): ExactCounters {
  let nextOffset = 0;
  const reserve = (bytes: number): number => {
    nextOffset += bytes;
    return nextOffset - bytes;
  };
  const floats = (): Float64Array => new Float64Array(memory, reserve(maxRows * 8), maxRows);
  const integers = (): Int32Array => new Int32Array(memory, reserve(maxRows * 4), maxRows);
  return {
    memory,
    ...(Object.fromEntries(floatColumns.map((name) => [name, floats()])) as unknown as FloatColumns),
    ...(Object.fromEntries(integerColumns.map((name) => [name, integers()])) as unknown as IntegerColumns),
    buckets: new Uint32Array(memory, reserve(maxRows * bucketCount * 4), maxRows * bucketCount),
    quota: new Int32Array(memory, reserve(4), 1),
  };
}
