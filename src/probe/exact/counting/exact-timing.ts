import type { OperationDelta } from '../../../protocol/batch/batch.ts';
import { bucketCount, bucketOf } from '../../../protocol/batch/buckets.ts';
import type { InstrumentedFunction } from '../file-instrumenter.ts';
import { type CallCost, measureCallCost } from './call-cost.ts';
import { type CallKind, callKindsOf, createCounters, type ExactCounters } from './exact-counters.ts';

/** Cost of one timed call, to plan with: two clock readings, a bucket and a few additions. Measured: 80 to 90 ns. */
export const timedCallNs = 85;
/** Cost of a call that is only counted, until it is measured. */
export const countedCallNs = 7;
/** Number of the report before which the cost of calls is measured: about a second after the start. */
const calibratedReport = 8;
/** Minimum number of timed calls per function and report interval, however small the budget. */
const minQuota = 64;

/** Columns of 32-bit counters that wrap around. */
const wrappingColumns = ['outer', 'nested', 'selected', 'timed', 'errors'] as const;
type Counts = Record<(typeof wrappingColumns)[number], number>;

/** Durations since the start, estimated for all calls if not all were timed. They never decrease. */
interface Durations {
  readonly totalNs: number;
  readonly durationsNs: number;
  readonly selfNs: number;
  readonly cpuNs: number;
}

/** A function with its counters as of the last read. */
interface RegisteredFunction {
  readonly id: number;
  readonly row: number;
  /** Cells as they were read, to detect that they have wrapped around. */
  readonly cells: Counts;
  /** Numbers since the start. */
  readonly counts: Counts;
  /** Number of calls that were not timed. */
  skipped: number;
  durations: Durations;
  readonly buckets: Uint32Array;
}

const noCounts: Counts = { outer: 0, nested: 0, selected: 0, timed: 0, errors: 0 };
const noDurations: Durations = { totalNs: 0, durationsNs: 0, selfNs: 0, cpuNs: 0 };

/** Reads the exact counters of a thread, and keeps the cost of timing within the budget. */
export class ExactTiming {
  readonly #counters: ExactCounters;
  readonly #functions: RegisteredFunction[] = [];
  #reports = 0;
  /** Number of timed calls since the start. */
  timedCalls = 0;
  /** Number of other calls since the start. */
  countedCalls = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#counters = createCounters(memory);
  }

  /** Reports the function's row as the operation `id` from now on. */
  register({ row }: Pick<InstrumentedFunction, 'row'>, id: number): void {
    this.#functions.push({
      id,
      row,
      cells: { ...noCounts },
      counts: { ...noCounts },
      skipped: 0,
      durations: noDurations,
      buckets: new Uint32Array(bucketCount),
    });
  }

  /**
   * Measures the cost of calls once a program has run for a while, because this takes 25 ms. Returns it once, and undefined
   * otherwise.
   */
  calibrate(): CallCost | undefined {
    return ++this.#reports === calibratedReport ? measureCallCost() : undefined;
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
    const kinds = Object.values(callKindsOf(this.#counters));
    const { quota } = this.#counters;
    const busyCount = kinds.reduce(
      (sum, { used }) => sum + this.#functions.filter(({ row }) => (used[row] as number) > 0).length,
      0,
    );
    const share = Math.max(minQuota, Math.floor(budgetNs / timedCallNs / Math.max(1, busyCount)));
    quota[0] = share;
    for (const kind of kinds) {
      for (const { row } of this.#functions) {
        if (Atomics.load(kind.used, row) < share / 4) timeMoreOften(kind, row);
        Atomics.store(kind.used, row, 0);
      }
    }
  }

  #drainFunction(registered: RegisteredFunction): OperationDelta | undefined {
    const { row, id, counts } = registered;
    const { minNs, maxNs, active, depth, blind } = this.#counters;
    const previous = { ...counts, ...registered.durations, skipped: registered.skipped };
    registered.durations = this.#readDurations(registered);
    // A call is selected before it is counted, and the selected ones are read after the counted ones.
    registered.skipped = Math.max(previous.skipped, counts.outer + counts.nested - counts.selected);
    const calls = counts.outer + counts.nested - previous.outer - previous.nested;
    const timedCalls = counts.timed - previous.timed;
    const failed = counts.errors - previous.errors;
    if (calls === 0 && timedCalls === 0 && failed === 0) return undefined;
    const skipped = registered.skipped - previous.skipped;
    this.timedCalls += timedCalls;
    this.countedCalls += skipped;
    const { totalNs, durationsNs, selfNs, cpuNs } = registered.durations;
    const [total, durations, cpu] = [
      totalNs - previous.totalNs,
      durationsNs - previous.durationsNs,
      cpuNs - previous.cpuNs,
    ];
    const inProgress = (active[row] as number) + (depth[row] as number);
    return {
      id,
      count: calls,
      ...(skipped > 0 ? { timed: Math.max(0, calls - skipped) } : {}),
      errors: failed,
      totalNs: total,
      ...(durations === total ? {} : { durationsNs: durations }),
      ...(cpu > 0 ? { cpuNs: cpu } : {}),
      ...(blind[row] === 0 ? { selfNs: selfNs - previous.selfNs } : {}),
      ...(timedCalls > 0 ? { minNs: minNs[row] as number, maxNs: maxNs[row] as number } : {}),
      hits: 0,
      misses: 0,
      ...(inProgress > 0 ? { active: inProgress } : {}),
      buckets: timedCalls > 0 ? this.#drainBuckets(registered) : [],
    };
  }

  /** Reads each cell only once, because the program keeps counting and calls between two reads would be lost. */
  #readDurations({ row, cells, counts, durations: previous }: RegisteredFunction): Durations {
    const { outerNs, nestedNs, cpuNs, openNs, lastOuter, lastNested, startMs } = this.#counters;
    // Calls after the last timed one are represented by no other.
    const [lastOuterCell, lastNestedCell] = [lastOuter[row] as number, lastNested[row] as number];
    for (const name of wrappingColumns) {
      const cell = this.#counters[name][row] as number;
      // The counter may have wrapped around; an unsigned difference is still correct.
      counts[name] += (cell - cells[name]) >>> 0;
      cells[name] = cell;
    }
    const outerFactor = factorOf(counts.outer, (cells.outer - lastOuterCell) >>> 0);
    const nestedFactor = factorOf(counts.nested, (cells.nested - lastNestedCell) >>> 0);
    const outermostNs = (outerNs[row] as number) * outerFactor;
    const durationsNs = outermostNs + (nestedNs[row] as number) * nestedFactor;
    const overlap = openNs[row] ? Math.min(1, this.#readBusyNs(row) / (openNs[row] as number)) : 1;
    // An estimate may exceed what is possible: no more than the life of the thread.
    const isEstimated = counts.outer + counts.nested > counts.selected;
    const lifeNs = (performance.timeOrigin + performance.now() - (startMs[1] as number)) * 1e6;
    const totalNs = Math.min(outermostNs * overlap, isEstimated ? lifeNs : Number.POSITIVE_INFINITY);
    return {
      totalNs: Math.max(previous.totalNs, totalNs),
      durationsNs: Math.max(previous.durationsNs, durationsNs),
      selfNs: Math.max(previous.selfNs, Math.min(this.#readSelfNs(row, outerFactor), totalNs)),
      cpuNs: Math.max(previous.cpuNs, (cpuNs[row] as number) * outerFactor),
    };
  }

  /**
   * Time that the code of a function itself ran: without the calls inside, and without waiting outside of them. Both sums are
   * estimated if not every call is timed, so the difference may be negative.
   */
  #readSelfNs(row: number, factor: number): number {
    const { ranNs, waitedNs, childrenNs, childrenWaitedNs } = this.#counters;
    const waited = Math.max(0, (waitedNs[row] as number) * factor - (childrenWaitedNs[row] as number));
    return (ranNs[row] as number) * factor - (childrenNs[row] as number) - waited;
  }

  /** Time in which an asynchronous call was in progress, until now: a call that never ends must not hide the others. */
  #readBusyNs(row: number): number {
    const { busyNs, busySinceMs, open, startMs } = this.#counters;
    const sinceMs = busySinceMs[row] as number;
    const threadMs = performance.timeOrigin + performance.now() - (startMs[0] as number);
    return (busyNs[row] as number) + ((open[row] as number) > 0 ? Math.max(0, threadMs - sinceMs) * 1e6 : 0);
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

function timeMoreOften({ mask, count, next }: CallKind, row: number): void {
  const rowMask = Atomics.load(mask, row);
  if (rowMask <= 0) return;
  // The thread may switch the function off or on at this moment; then its mask must stay as the thread has set it.
  if (Atomics.compareExchange(mask, row, rowMask, rowMask >> 1) !== rowMask) return;
  const soon = (Atomics.load(count, row) + rowMask) | 0;
  const planned = Atomics.load(next, row);
  // The next timed call was chosen when calls were more frequent.
  if (((planned - soon) | 0) > 0) Atomics.compareExchange(next, row, planned, soon);
}

/** Returns the factor from the calls that timed ones represent to all calls. */
function factorOf(calls: number, unrepresented: number): number {
  return calls > unrepresented ? calls / (calls - unrepresented) : 1;
}
