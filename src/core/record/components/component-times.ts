/** Time of each component, from the times of its operations. */
import type { OperationTotals } from '../operation-totals.ts';

/**
 * Returns the time of each component in which at least one of its operations was in progress, by name.
 *
 * It is unknown which operation called which, so the totals cannot be added: a caller's total includes its callees. The self
 * times can; an operation whose self time is unknown counts with its total. The result is at least the longest total, and
 * at most `maxNs`.
 */
export function componentTimes(operations: Iterable<OperationTotals>, maxNs: number): ReadonlyMap<string, number> {
  const times = new Map<string, { longestNs: number; sumNs: number }>();
  for (const { component, count, totalNs, runningNs } of operations) {
    if (count === 0) continue;
    const time = times.get(component.name) ?? { longestNs: 0, sumNs: 0 };
    times.set(component.name, {
      longestNs: Math.max(time.longestNs, totalNs),
      sumNs: time.sumNs + Math.min(runningNs ?? totalNs, totalNs),
    });
  }
  return new Map(
    [...times].map(([name, { longestNs, sumNs }]) => [name, Math.min(Math.max(longestNs, sumNs), maxNs)] as const),
  );
}
