/** Order in which checks wait for their lanes. */
import type { Parallel } from '../../../protocol/validation/custom-validation.ts';
import type { Check } from '../check/check.ts';

/** Maximum expected duration of a check that counts as short: it hardly delays the others, so it does not wait for them. */
const maxShortMs = 300;
/** Maximum timeout of a check that counts as short if it has never run here. */
const maxShortTimeoutMs = 5000;

/**
 * Sorts programs: short ones first, then fatal ones (they decide the verdict), then the rest. Within the last two groups
 * the longest comes first, so that lanes are idle for the shortest time at the end; unknown durations count as longest.
 * Cheap checks have their own lane and come last, so that programs are already running meanwhile. In serial mode, where
 * all checks share one lane, cheap checks come first.
 */
export function orderChecks(
  checks: readonly Check[],
  parallel: Parallel,
  expectedMs: (id: string) => number | undefined,
): Check[] {
  const expectations = new Map(checks.map(({ id }) => [id, expectedMs(id)]));
  const durationOf = (check: Check): number => expectations.get(check.id) ?? Number.MAX_VALUE;
  const isShort = ({ id, timeoutMs }: Check): boolean => {
    const expected = expectations.get(id);
    return expected === undefined ? timeoutMs <= maxShortTimeoutMs : expected <= maxShortMs;
  };
  const rank = (check: Check): number => {
    if (check.lane === 'cheap') return parallel === 'serial' ? 0 : 4;
    if (isShort(check)) return 1;
    return check.severity === 'fatal' ? 2 : 3;
  };
  const ranks = new Map(checks.map((check) => [check, rank(check)]));
  const rankOf = (check: Check): number => ranks.get(check) ?? 0;
  const isLong = (check: Check): boolean => rankOf(check) === 2 || rankOf(check) === 3;
  return [...checks].sort(
    (a, b) => rankOf(a) - rankOf(b) || (isLong(a) && isLong(b) ? durationOf(b) - durationOf(a) : 0),
  );
}
