/** Orders the functions of the workspace that use the most time, so that one can step through them. */
import { isForeignComponent } from '../core/snapshot/foreign-component.ts';
import { sumSelfNs } from '../core/snapshot/operation-times.ts';
import type { Snapshot } from '../protocol/snapshot.ts';

/** Functions with a smaller share of all self time are not stopped at. */
const minShare = 0.01;

export interface HotSpot {
  /** Absolute path. */
  readonly path: string;
  /** One-based. */
  readonly line: number;
  readonly name: string;
  readonly selfNs: number;
  /** Share of all self time, from 0 to 1. */
  readonly share: number;
}

/**
 * Returns the hot spots of a run: the hottest file first, and in each file by line.
 *
 * @param locate returns the absolute path of a file of the snapshot if it is in the workspace
 */
export function hotSpots(snapshot: Snapshot, locate: (file: string) => string | undefined): readonly HotSpot[] {
  const totalNs = snapshot.sampledNs ?? sumSelfNs(snapshot.operations);
  const byPlace = new Map<string, HotSpot>();
  for (const { component, name, file, line, selfNs = 0 } of snapshot.operations) {
    const path = file === undefined || line === undefined || isForeignComponent(component) ? undefined : locate(file);
    if (path === undefined || line === undefined || selfNs < minShare * totalNs || selfNs === 0) continue;
    const key = `${path}:${line}`;
    if ((byPlace.get(key)?.selfNs ?? 0) < selfNs)
      byPlace.set(key, { path, line, name, selfNs, share: Math.min(1, selfNs / totalNs) });
  }
  const byFile = [...Map.groupBy(byPlace.values(), ({ path }) => path).values()];
  const heatOfFile = (spots: readonly HotSpot[]): number => spots.reduce((sum, { selfNs }) => sum + selfNs, 0);
  return byFile
    .toSorted((left, right) => heatOfFile(right) - heatOfFile(left))
    .flatMap((spots) => spots.toSorted((left, right) => left.line - right.line));
}

export type HotSpotDirection = 'next' | 'previous';

/**
 * Returns the hot spot after or before a position: in the same file by line, then in the other files by heat, and after the
 * last one the first. Returns undefined if there is no other one.
 *
 * @param position current file and one-based line; undefined outside of files
 */
export function hotSpotFrom(
  spots: readonly HotSpot[],
  position: { readonly path: string; readonly line: number } | undefined,
  direction: HotSpotDirection,
): HotSpot | undefined {
  const isNext = direction === 'next';
  const inFile = spots.filter(({ path }) => path === position?.path);
  const [first] = inFile;
  if (!position || !first) return isNext ? spots[0] : spots.at(-1);
  const before = inFile.filter(({ line }) => line < position.line).length;
  const after = inFile.filter(({ line }) => line <= position.line).length;
  const start = spots.indexOf(first);
  const index = isNext ? start + after : start + before - 1;
  const spot = spots[(index + spots.length) % spots.length];
  return spot?.path === position.path && spot.line === position.line ? undefined : spot;
}
