/** Colors of components and of groups of code, the same in lists, charts and the flame graph. */
import { codePlaceOf } from '../src/core/code/code-place.ts';
import { groupOfPlace } from '../src/core/code/group-code.ts';
import type { CodeGroup, CodeTimes } from '../src/protocol/code-times.ts';
import type { Snapshot } from '../src/protocol/snapshot.ts';
import type { StackFunction } from '../src/protocol/stacks.ts';
import { type Color, colors } from './colors.ts';

/** Returns the color of a component, the same in all charts. */
export function componentColor(snapshot: Snapshot, component: string): Color {
  const index = snapshot.components.findIndex(({ name }) => name === component);
  return colors[Math.max(0, index) % colors.length] ?? 'blue';
}

const palette: readonly Color[] = ['orange', 'cyan', 'blue', 'purple', 'green', 'yellow'];

/** Colors that mean the same in every run. */
const fixedColors: Readonly<Record<string, Color>> = {
  'garbage collector': 'red',
  'Node.js': 'grey',
  Python: 'grey',
};

/**
 * Returns the color of each group. It follows from the name, so that a group keeps it while others come and go; if two groups
 * would have the same color, the smaller one has the next that is free.
 */
export function codeColors({ groups }: CodeTimes): ReadonlyMap<CodeGroup, Color> {
  const used = new Set<Color>();
  return new Map(
    groups.map((group) => {
      const color = (group.kind === 'runtime' ? fixedColors[group.name] : undefined) ?? freeColor(group.name, used);
      used.add(color);
      return [group, color];
    }),
  );
}

function freeColor(name: string, used: ReadonlySet<Color>): Color {
  const start = hashOf(name) % palette.length;
  const rotated = [...palette.slice(start), ...palette.slice(0, start)];
  return rotated.find((color) => !used.has(color)) ?? 'grey';
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

/** Returns a function that returns the color of a function of the run: that of its group, or else of its component. */
export function functionColors(snapshot: Snapshot): (called: Pick<StackFunction, 'file' | 'component'>) => Color {
  const { code } = snapshot;
  if (!code) return ({ component }) => componentColor(snapshot, component);
  const colors = codeColors(code);
  const cache = new Map<string, Color>();
  return ({ file, component }) => {
    const key = `${component}\0${file ?? ''}`;
    const cached = cache.get(key);
    if (cached) return cached;
    const isNamed = code.groups.some((group) => group.kind === 'workspace' && group.members.includes(component));
    const place = codePlaceOf({ component, file }, isNamed);
    const group = place && groupOfPlace(code, place);
    const color = (group && colors.get(group)) ?? 'grey';
    cache.set(key, color);
    return color;
  };
}
