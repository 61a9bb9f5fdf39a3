/** Time in which at least one asynchronous call of a function is in progress. */
import { type ExactCounters, floatAt, integerAt, rowSize } from './exact-counters.ts';

/** Begins a timed call. */
export function openCall({ integers, floats }: ExactCounters, id: number, nowMs: number): void {
  const row = id * rowSize;
  if ((integers[row + integerAt.open] as number)++ === 0) floats[row + floatAt.busySinceMs] = nowMs;
}

/** Ends a timed call. */
export function closeCall({ integers, floats }: ExactCounters, id: number, nowMs: number): void {
  const row = id * rowSize;
  if (--(integers[row + integerAt.open] as number) > 0) return;
  (floats[row + floatAt.busyNs] as number) += (nowMs - (floats[row + floatAt.busySinceMs] as number)) * 1e6;
}
