import type { Check } from '../check/check.ts';

/** Finds checks that depend on each other. Returns the ids of one cycle with the first repeated at the end, or undefined. */
export function findCycle(checks: readonly Pick<Check, 'id' | 'dependsOn'>[]): readonly string[] | undefined {
  const dependencies = new Map(checks.map(({ id, dependsOn = [] }) => [id, dependsOn]));
  const visited = new Set<string>();
  const search = (id: string, path: readonly string[]): readonly string[] | undefined => {
    if (visited.has(id)) return undefined;
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    for (const dependency of dependencies.get(id) ?? []) {
      const cycle = search(dependency, [...path, id]);
      if (cycle) return cycle;
    }
    visited.add(id);
    return undefined;
  };
  for (const { id } of checks) {
    const cycle = search(id, []);
    if (cycle) return cycle;
  }
  return undefined;
}
