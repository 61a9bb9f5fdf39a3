/** In which order checks wait for their lanes. */
import type { Parallel } from '../../../protocol/custom-validation.ts';
import type { Check } from '../check/check.ts';

/** A program that takes no longer than that costs the others next to nothing, and is not to wait for them. */
const shortMs = 300;
/** One that never ran here is taken for short where it may not take longer than that. */
const shortTimeoutMs = 5000;

/**
 * Programs first what is short, then what decides over the verdict, then the rest; of these the longest first, since that
 * leaves lanes empty for the shortest time, and one that never ran may be the longest. Cheap checks have their own lane:
 * there programs are under way while the cheap ones think. Where one lane is for all, the cheap ones come first.
 */
export function inOrder(
  checks: readonly Check[],
  parallel: Parallel,
  expectedMs: (id: string) => number | undefined,
): Check[] {
  const known = new Map(checks.map(({ id }) => [id, expectedMs(id)]));
  const longest = (check: Check): number => known.get(check.id) ?? Number.MAX_VALUE;
  const isShort = ({ id, timeoutMs }: Check): boolean => {
    const expected = known.get(id);
    return expected === undefined ? timeoutMs <= shortTimeoutMs : expected <= shortMs;
  };
  const rank = (check: Check): number => {
    if (check.lane === 'cheap') return parallel === 'serial' ? 0 : 4;
    if (isShort(check)) return 1;
    return check.severity === 'fatal' ? 2 : 3;
  };
  const ranks = new Map(checks.map((check) => [check, rank(check)]));
  const rankOf = (check: Check): number => ranks.get(check) ?? 0;
  const isLong = (check: Check): boolean => rankOf(check) === 2 || rankOf(check) === 3;
  return [...checks].sort((a, b) => rankOf(a) - rankOf(b) || (isLong(a) && isLong(b) ? longest(b) - longest(a) : 0));
}
