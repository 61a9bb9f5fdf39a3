/** Reads what a thread's wrapped functions have counted, and keeps the cost of timing them within the budget. */
import type { OperationDelta } from '../../protocol/event.ts';
import { bucketCount, bucketOf } from '../record/buckets.ts';
import { type Counters, counters } from './exact-counters.ts';
import type { Row } from './loader.ts';

/** One timed call: two readings of the clock, a bucket and a few additions; measured as 60 to 70 ns. */
export const timedCallNs = 70;
/** Timed calls of one function that every beat has, however small the budget. */
const leastQuota = 64;

const counts = ['count', 'skipped', 'timed', 'outer', 'outerTimed', 'errors'] as const;
const counted = [...counts, 'totalNs', 'cpuNs'] as const;
type Count = (typeof counts)[number];

interface Known extends Record<(typeof counted)[number], number> {
  readonly id: number;
  readonly row: number;
  /** Mean of the newest timed calls: for a beat in which none was. */
  meanNs: number;
  readonly buckets: Uint32Array;
}

export class Exact {
  readonly #counters: Counters;
  readonly #known: Known[] = [];
  /** Timed calls since the start. */
  timed = 0;

  constructor(memory: SharedArrayBuffer) {
    this.#counters = counters(memory);
  }

  enlist({ row }: Row, id: number): void {
    const none = {
      count: 0,
      skipped: 0,
      timed: 0,
      outer: 0,
      outerTimed: 0,
      errors: 0,
      totalNs: 0,
      cpuNs: 0,
      meanNs: 0,
    };
    this.#known.push({ id, row, ...none, buckets: new Uint32Array(bucketCount) });
  }

  /** What was counted since the last call. */
  take(): OperationDelta[] {
    return this.#known.flatMap((known) => this.#delta(known) ?? []);
  }

  /** Shares a budget of time for one beat among the functions that use it; those that have room are timed more often. */
  budget(forTimingNs: number): void {
    const { mask, used, quota } = this.#counters;
    const busy = this.#known.filter(({ row }) => (used[row] as number) > 0).length;
    const share = Math.max(leastQuota, Math.floor(forTimingNs / timedCallNs / Math.max(1, busy)));
    quota[0] = share;
    for (const { row } of this.#known) {
      if ((mask[row] as number) > 0 && (used[row] as number) < share / 4) mask[row] = (mask[row] as number) >> 1;
      used[row] = 0;
    }
  }

  #delta(known: Known): OperationDelta | undefined {
    const { row, id } = known;
    const { minNs, maxNs, active } = this.#counters;
    const before = { ...known };
    // Each word is read once: the program goes on counting, and what came between two readings would be lost.
    for (const name of counted) known[name] = this.#counters[name][row] as number;
    // Thirty-two bits that run over: differences stay right.
    const since = (name: Count): number => (known[name] - before[name]) >>> 0;
    const [calls, timedCalls, failed] = [since('count'), since('timed'), since('errors')];
    if (calls === 0 && timedCalls === 0 && failed === 0) return undefined;
    const [spentNs, ranNs] = [known.totalNs - before.totalNs, known.cpuNs - before.cpuNs];
    const [outerCalls, outerTimedCalls, skippedCalls] = [since('outer'), since('outerTimed'), since('skipped')];
    this.timed += timedCalls;
    if (outerTimedCalls > 0) known.meanNs = spentNs / outerTimedCalls;
    const partly = skippedCalls > 0;
    return {
      id,
      count: calls,
      ...(partly ? { timed: Math.max(0, calls - skippedCalls) } : {}),
      errors: failed,
      totalNs: partly ? known.meanNs * outerCalls : spentNs,
      ...(ranNs > 0 ? { cpuNs: partly && timedCalls > 0 ? (ranNs * calls) / timedCalls : ranNs } : {}),
      ...(timedCalls > 0 ? { minNs: minNs[row] as number, maxNs: maxNs[row] as number } : {}),
      hits: 0,
      misses: 0,
      ...((active[row] as number) > 0 ? { active: active[row] as number } : {}),
      buckets: timedCalls > 0 ? this.#buckets(known) : [],
    };
  }

  #buckets({ row, buckets }: Known): number[] {
    const pairs: number[] = [];
    const { minNs, maxNs } = this.#counters;
    const last = bucketOf(maxNs[row] as number);
    for (let bucket = bucketOf(minNs[row] as number); bucket <= last; bucket++) {
      const now = this.#counters.buckets[row * bucketCount + bucket] as number;
      const more = now - (buckets[bucket] as number);
      if (more > 0) pairs.push(bucket, more);
      buckets[bucket] = now;
    }
    return pairs;
  }
}
