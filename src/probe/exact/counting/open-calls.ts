/** Time in which at least one asynchronous call of a function is in progress. */
import type { ExactCounters } from './exact-counters.ts';

/** Begins a timed call. */
export function openCall({ open, busySinceMs }: ExactCounters, id: number, nowMs: number): void {
  if ((open[id] as number)++ === 0) busySinceMs[id] = nowMs;
}

/** Ends a timed call. */
export function closeCall({ open, busySinceMs, busyNs }: ExactCounters, id: number, nowMs: number): void {
  if (--(open[id] as number) === 0) (busyNs[id] as number) += (nowMs - (busySinceMs[id] as number)) * 1e6;
}
