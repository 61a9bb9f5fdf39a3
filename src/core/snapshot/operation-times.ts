/** Durations of operations as everything that shows or ranks them reads them. */
import type { OperationState } from '../../protocol/snapshot.ts';
import { profilerComponent } from './foreign-component.ts';

/** Returns the mean duration of a call. Snapshots of earlier versions do not contain it. */
export function averageNsOf({ averageNs, totalNs, count }: OperationState): number | undefined {
  return averageNs ?? (totalNs > 0 && count > 0 ? totalNs / count : undefined);
}

/**
 * Orders operations by self time, the largest first. Those without a known self time follow, by total time: their total may
 * be that of others, or time in which they only waited. The profiler's own code is last.
 */
export function compareBySelfTime(a: OperationState, b: OperationState): number {
  const isProfiler = Number(a.component === profilerComponent) - Number(b.component === profilerComponent);
  if (isProfiler !== 0) return isProfiler;
  const differenceNs = (b.selfNs ?? 0) - (a.selfNs ?? 0);
  if (differenceNs !== 0) return differenceNs;
  return Number(a.selfNs === undefined) - Number(b.selfNs === undefined) || b.totalNs - a.totalNs;
}

/** Returns the sum of all known self times. */
export function sumSelfNs(operations: readonly OperationState[]): number {
  return operations.reduce((sum, { selfNs = 0 }) => sum + selfNs, 0);
}
