/** Finds checks that wait for each other, which would never begin. */
import type { Check } from '../check/check.ts';

/** The ids of one circle, the first again at its end; nothing where there is none. */
export function cycleIn(checks: readonly Pick<Check, 'id' | 'dependsOn'>[]): readonly string[] | undefined {
  const needs = new Map(checks.map(({ id, dependsOn = [] }) => [id, dependsOn]));
  const cleared = new Set<string>();
  const from = (id: string, above: readonly string[]): readonly string[] | undefined => {
    if (cleared.has(id)) return undefined;
    if (above.includes(id)) return [...above.slice(above.indexOf(id)), id];
    for (const needed of needs.get(id) ?? []) {
      const cycle = from(needed, [...above, id]);
      if (cycle) return cycle;
    }
    cleared.add(id);
    return undefined;
  };
  for (const { id } of checks) {
    const cycle = from(id, []);
    if (cycle) return cycle;
  }
  return undefined;
}
