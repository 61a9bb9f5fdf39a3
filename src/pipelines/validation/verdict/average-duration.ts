import type { CheckResult } from '../../../protocol/validation/validation.ts';

/**
 * Returns the mean duration in nanoseconds of the checks that finished with a result; 0 if there are none. A stopped check
 * has only a lower bound of its duration, and a skipped one did not do its work, so both would distort the mean.
 */
export function averageDuration(checks: readonly Pick<CheckResult, 'status' | 'durationNs'>[]): number {
  const finished = checks.filter(({ status }) => status !== 'skip');
  const sum = finished.reduce((total, { durationNs }) => total + durationNs, 0);
  return finished.length === 0 ? 0 : sum / finished.length;
}
