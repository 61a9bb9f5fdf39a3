import type { OperationDelta } from '../../protocol/batch/batch.ts';
import { bucketCount, bucketOf } from '../../protocol/batch/buckets.ts';
import { createCounters, type ExactCounters } from './exact-counters.ts';
import type { InstrumentedFunction } from './file-instrumenter.ts';

/** Cost of one timed call: two clock readings, a bucket and a few additions. Measured: 60 to 70 ns. */
export const timedCallNs = 70;
/** Minimum number of timed calls per function and report interval, however small the budget. */
const minQuota = 64;

/** Columns of 32-bit counters that wrap around. */
const wrappingColumns = ['count', 'skipped', 'timed', 'outer', 'outerTimed', 'errors'] as const;
const readColumns = [...wrappingColumns, 'totalNs', 'cpuNs'] as const;
type WrappingColumn = (typeof wrappingColumns)[number];

/** A function with its counters as of the last read. */
interface RegisteredFunction extends Record<(typeof readColumns)[number], number> {
  readonly id: number;
  readonly row: number;
  /** Mean of the newest timed calls; used in intervals without a timed call. */
  meanNs: number;
  readonly buckets: Uint32Array;
}

/** Reads the exact counters of a thread, and keeps the cost of timing within the budget. */
export class ExactTiming {
  readonly #counters: ExactCounters;
  readonly #functions: RegisteredFunction[] = [];
  /** Number of timed calls since the start. */
  timedCalls = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#counters = createCounters(memory);
  }

  /** Reports the function's row as the operation `id` from now on. */
  register({ row }: Pick<InstrumentedFunction, 'row'>, id: number): void {
    this.#functions.push({
      id,
      row,
      count: 0,
      skipped: 0,
      timed: 0,
      outer: 0,
      outerTimed: 0,
      errors: 0,
      totalNs: 0,
      cpuNs: 0,
      meanNs: 0,
      buckets: new Uint32Array(bucketCount),
    });
  }

  /** Returns what was counted since the previous call. */
  drain(): OperationDelta[] {
    return this.#functions.flatMap((registered) => this.#drainFunction(registered) ?? []);
  }

  /**
   * Divides the time for one report interval among the functions that were timed in the last one. Functions that left
   * most of their share unused are timed more often.
   */
  setBudget(budgetNs: number): void {
    const { mask, used, quota } = this.#counters;
    const busyCount = this.#functions.filter(({ row }) => (used[row] as number) > 0).length;
    const share = Math.max(minQuota, Math.floor(budgetNs / timedCallNs / Math.max(1, busyCount)));
    quota[0] = share;
    for (const { row } of this.#functions) {
      const rowMask = Atomics.load(mask, row);
      // The thread may switch the function off or on at this moment; then its mask must stay as the thread has set it.
      if (rowMask > 0 && Atomics.load(used, row) < share / 4) Atomics.compareExchange(mask, row, rowMask, rowMask >> 1);
      Atomics.store(used, row, 0);
    }
  }

  #drainFunction(registered: RegisteredFunction): OperationDelta | undefined {
    const { row, id } = registered;
    const { minNs, maxNs, active } = this.#counters;
    const previous = { ...registered };
    // Read each cell only once, because the program keeps counting and calls between two reads would be lost.
    for (const name of readColumns) registered[name] = this.#counters[name][row] as number;
    // The 32-bit counters may have wrapped around; an unsigned difference is still correct.
    const since = (name: WrappingColumn): number => (registered[name] - previous[name]) >>> 0;
    const [calls, timedCalls, failed] = [since('count'), since('timed'), since('errors')];
    if (calls === 0 && timedCalls === 0 && failed === 0) return undefined;
    const [timedNs, cpuNs] = [registered.totalNs - previous.totalNs, registered.cpuNs - previous.cpuNs];
    const [outerCalls, outerTimedCalls, skippedCalls] = [since('outer'), since('outerTimed'), since('skipped')];
    this.timedCalls += timedCalls;
    if (outerTimedCalls > 0) registered.meanNs = timedNs / outerTimedCalls;
    const isPartlyTimed = skippedCalls > 0;
    return {
      id,
      count: calls,
      ...(isPartlyTimed ? { timed: Math.max(0, calls - skippedCalls) } : {}),
      errors: failed,
      totalNs: isPartlyTimed ? registered.meanNs * outerCalls : timedNs,
      ...(cpuNs > 0 ? { cpuNs: isPartlyTimed && timedCalls > 0 ? (cpuNs * calls) / timedCalls : cpuNs } : {}),
      ...(timedCalls > 0 ? { minNs: minNs[row] as number, maxNs: maxNs[row] as number } : {}),
      hits: 0,
      misses: 0,
      ...((active[row] as number) > 0 ? { active: active[row] as number } : {}),
      buckets: timedCalls > 0 ? this.#drainBuckets(registered) : [],
    };
  }

  #drainBuckets({ row, buckets }: RegisteredFunction): number[] {
    const pairs: number[] = [];
    const { minNs, maxNs } = this.#counters;
    const last = bucketOf(maxNs[row] as number);
    for (let bucket = bucketOf(minNs[row] as number); bucket <= last; bucket++) {
      const count = this.#counters.buckets[row * bucketCount + bucket] as number;
      const added = (count - (buckets[bucket] as number)) >>> 0;
      if (added > 0) pairs.push(bucket, added);
      buckets[bucket] = count;
    }
    return pairs;
  }
}
