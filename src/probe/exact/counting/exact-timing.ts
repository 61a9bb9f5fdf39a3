import type { OperationDelta } from '../../../protocol/batch/batch.ts';
import { bucketCount, bucketOf } from '../../../protocol/batch/buckets.ts';
import type { InstrumentedFunction } from '../file-instrumenter.ts';
import { type CallCost, measureCallCost } from './call-cost.ts';
import { createCounters, type ExactCounters, floatAt, integerAt, nested, rowSize } from './exact-counters.ts';

/** Cost of one timed call, to plan with: two clock readings, a bucket and a few additions. Measured: 80 to 90 ns. */
export const timedCallNs = 85;
/** Cost of a call that is only counted, until it is measured. In programs of a second: 5 to 10 ns, because V8 optimizes late. */
export const countedCallNs = 6;
/** Cost of measuring the cost of calls: CPU time of this thread, and of V8's threads that optimize the code meanwhile. */
const calibrationNs = 40e6;
/** Number of the report before which the cost of calls is measured at the earliest: about a second after the start. */
const calibratedReport = 8;
/** Minimum number of timed calls per function and report interval, however small the budget. */
const minQuota = 64;

/** Positions of the counters, which wrap around. */
const counterAt = {
  outer: integerAt.calls,
  nested: nested + integerAt.calls,
  selected: integerAt.selected,
  timed: integerAt.timed,
  errors: integerAt.errors,
} as const;
const counterNames = Object.keys(counterAt) as readonly (keyof typeof counterAt)[];
type Counts = Record<keyof typeof counterAt, number>;

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
  #isCalibrated = false;
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

  /** Measures the cost of calls once they have cost as much as that takes. Returns it once, and undefined otherwise. */
  calibrate(): CallCost | undefined {
    if (this.#isCalibrated || ++this.#reports < calibratedReport) return undefined;
    if (this.timedCalls * timedCallNs + this.countedCalls * countedCallNs < calibrationNs) return undefined;
    this.#isCalibrated = true;
    return measureCallCost();
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
    const { quota, integers } = this.#counters;
    const cells = this.#functions.flatMap(({ row }) => [row * rowSize, row * rowSize + nested]);
    const usedIn = (cell: number): number => Atomics.load(integers, cell + integerAt.used);
    const busyCount = cells.filter((cell) => usedIn(cell) > 0).length;
    const share = Math.max(minQuota, Math.floor(budgetNs / timedCallNs / Math.max(1, busyCount)));
    quota[0] = share;
    for (const cell of cells) {
      if (usedIn(cell) < share / 4) timeMoreOften(integers, cell);
      Atomics.store(integers, cell + integerAt.used, 0);
    }
  }

  #drainFunction(registered: RegisteredFunction): OperationDelta | undefined {
    const { row, id, counts } = registered;
    const { integers, floats } = this.#counters;
    const first = row * rowSize;
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
    const inProgress = integers[first + integerAt.active] as number;
    return {
      id,
      count: calls,
      ...(skipped > 0 ? { timed: Math.max(0, calls - skipped) } : {}),
      errors: failed,
      totalNs: total,
      ...(durations === total ? {} : { durationsNs: durations }),
      ...(cpu > 0 ? { cpuNs: cpu } : {}),
      ...(integers[first + integerAt.blind] === 0 ? { selfNs: selfNs - previous.selfNs } : {}),
      ...(timedCalls > 0
        ? { minNs: floats[first + floatAt.minNs] as number, maxNs: floats[first + floatAt.maxNs] as number }
        : {}),
      hits: 0,
      misses: 0,
      ...(inProgress > 0 ? { active: inProgress } : {}),
      buckets: timedCalls > 0 ? this.#drainBuckets(registered) : [],
    };
  }

  /** Reads each cell only once, because the program keeps counting and calls between two reads would be lost. */
  #readDurations({ row, cells, counts, durations: previous }: RegisteredFunction): Durations {
    const { integers, startMs } = this.#counters;
    const first = row * rowSize;
    // Calls after the last timed one are represented by no other.
    const lastOuter = integers[first + integerAt.lastTimed] as number;
    const lastNested = integers[first + nested + integerAt.lastTimed] as number;
    for (const name of counterNames) {
      const cell = integers[first + counterAt[name]] as number;
      // The counter may have wrapped around; an unsigned difference is still correct.
      counts[name] += (cell - cells[name]) >>> 0;
      cells[name] = cell;
    }
    const outerFactor = factorOf(counts.outer, (cells.outer - lastOuter) >>> 0);
    const nestedFactor = factorOf(counts.nested, (cells.nested - lastNested) >>> 0);
    const outermostNs = this.#read(row, 'outerNs') * outerFactor;
    const durationsNs = outermostNs + this.#read(row, 'nestedNs') * nestedFactor;
    const openNs = this.#read(row, 'openNs');
    const overlap = openNs > 0 ? Math.min(1, this.#readBusyNs(row) / openNs) : 1;
    // An estimate may exceed what is possible: no more than the life of the thread.
    const isEstimated = counts.outer + counts.nested > counts.selected;
    const lifeNs = (performance.timeOrigin + performance.now() - (startMs[1] as number)) * 1e6;
    const totalNs = Math.min(outermostNs * overlap, isEstimated ? lifeNs : Number.POSITIVE_INFINITY);
    return {
      totalNs: Math.max(previous.totalNs, totalNs),
      durationsNs: Math.max(previous.durationsNs, durationsNs),
      selfNs: Math.max(previous.selfNs, Math.min(this.#readSelfNs(row, outerFactor), totalNs)),
      cpuNs: Math.max(previous.cpuNs, this.#read(row, 'cpuNs') * outerFactor),
    };
  }

  /**
   * Time that the code of a function itself ran: without the calls inside, and without waiting outside of them. Both sums are
   * estimated if not every call is timed, so the difference may be negative.
   */
  #readSelfNs(row: number, factor: number): number {
    const waitedNs = this.#read(row, 'waitedNs') * factor - this.#read(row, 'childrenWaitedNs');
    return this.#read(row, 'ranNs') * factor - this.#read(row, 'childrenNs') - Math.max(0, waitedNs);
  }

  #read(row: number, name: keyof typeof floatAt): number {
    return this.#counters.floats[row * rowSize + floatAt[name]] as number;
  }

  /** Time in which an asynchronous call was in progress, until now: a call that never ends must not hide the others. */
  #readBusyNs(row: number): number {
    const { integers, startMs } = this.#counters;
    const threadMs = performance.timeOrigin + performance.now() - (startMs[0] as number);
    const isOpen = (integers[row * rowSize + integerAt.open] as number) > 0;
    const openMs = isOpen ? Math.max(0, threadMs - this.#read(row, 'busySinceMs')) : 0;
    return this.#read(row, 'busyNs') + openMs * 1e6;
  }

  #drainBuckets({ row, buckets }: RegisteredFunction): number[] {
    const pairs: number[] = [];
    const last = bucketOf(this.#read(row, 'maxNs'));
    for (let bucket = bucketOf(this.#read(row, 'minNs')); bucket <= last; bucket++) {
      const count = this.#counters.buckets[row * bucketCount + bucket] as number;
      const added = (count - (buckets[bucket] as number)) >>> 0;
      if (added > 0) pairs.push(bucket, added);
      buckets[bucket] = count;
    }
    return pairs;
  }
}

function timeMoreOften(integers: Int32Array, cell: number): void {
  const [maskAt, nextAt] = [cell + integerAt.mask, cell + integerAt.nextTimed];
  const mask = Atomics.load(integers, maskAt);
  if (mask <= 0) return;
  // The thread may switch the function off or on at this moment; then its mask must stay as the thread has set it.
  if (Atomics.compareExchange(integers, maskAt, mask, mask >> 1) !== mask) return;
  const soon = (Atomics.load(integers, cell + integerAt.calls) + mask) | 0;
  const planned = Atomics.load(integers, nextAt);
  // The next timed call was chosen when calls were more frequent.
  if (((planned - soon) | 0) > 0) Atomics.compareExchange(integers, nextAt, planned, soon);
}

/** Returns the factor from the calls that timed ones represent to all calls. */
function factorOf(calls: number, unrepresented: number): number {
  return calls > unrepresented ? calls / (calls - unrepresented) : 1;
}
