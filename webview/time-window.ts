/** Which stretch of a run is shown, and what a series says within it: one window for all charts, taken from the data. */
import { clock, type Maybe } from '../src/core/format.ts';
import type { Series, Snapshot } from '../src/protocol/snapshot.ts';

export const ranges = ['auto', 'minute', 'whole'] as const;
/** `auto` is the last minute of a running pipeline and the whole of one that has ended. */
export type Range = (typeof ranges)[number];

/** Nanoseconds since the start of the run, both ends included. */
export interface TimeWindow {
  readonly startNs: number;
  readonly endNs: number;
  readonly live: boolean;
  readonly stepNs: number;
}

const secondNs = 1e9;
const minuteNs = 60 * secondNs;
/** While a pipeline runs, what was last known longer ago than this is not its current value. */
const freshNs = 5 * secondNs;
/** Values as near as this are joined to a line over slots in which nothing happened; a longer silence is a gap. */
export const joinNs = 1.5 * secondNs;

export function isWhole(range: Range, live: boolean): boolean {
  return range === 'whole' || (range === 'auto' && !live);
}

export function windowOf(snapshot: Snapshot, range: Range): TimeWindow {
  const live = snapshot.run.result === 'running';
  const series = Object.values(snapshot.series).find(({ values }) => values.length > 0);
  if (!series) {
    const endNs = Math.max(secondNs, snapshot.run.durationNs);
    return { startNs: 0, endNs, live, stepNs: secondNs };
  }
  const firstNs = series.startNs;
  const endNs = timeAt(series, series.values.length - 1);
  const startNs = isWhole(range, live) ? firstNs : Math.max(firstNs, endNs - minuteNs);
  return { startNs, endNs, live, stepNs: series.stepNs };
}

/** The end of a slot: then its value was known. */
export function timeAt(series: Series, slot: number): number {
  return series.startNs + (slot + 1) * series.stepNs;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What is known within the window; slots in which nothing is known are left out. */
export function pointsOf(series: Series | undefined, { startNs, endNs }: TimeWindow): Point[] {
  if (!series) return [];
  const points: Point[] = [];
  for (const [slot, y] of series.values.entries()) {
    const x = timeAt(series, slot);
    if (y !== null && x >= startNs && x <= endNs) points.push({ x, y });
  }
  return points;
}

/** The moments at which the window's slots end. */
export function momentsOf({ startNs, endNs, stepNs }: TimeWindow): number[] {
  return Array.from({ length: Math.round((endNs - startNs) / stepNs) }, (_, at) => startNs + (at + 1) * stepNs);
}

/** The current value; once the run has ended, the last that was known. */
export function latest(series: Series | undefined, { live }: { readonly live: boolean }): number | undefined {
  if (!series) return undefined;
  const slots = live ? Math.max(1, Math.round(freshNs / series.stepNs)) : series.values.length;
  return series.values.slice(-slots).findLast((entry) => entry !== null) ?? undefined;
}

export function valueAt(series: Series | undefined, timeNs: number): Maybe {
  return series?.values[Math.round((timeNs - series.startNs) / series.stepNs) - 1];
}

/** A moment as the time axis names it: `−20 s` and `now` in a live window, `12.5 s` or `02:40` since the start in others. */
export function moment(timeNs: number, { startNs, endNs, live }: TimeWindow): string {
  if (live) return timeNs >= endNs ? 'now' : `−${seconds(endNs - timeNs)}`;
  return endNs - startNs <= 2 * minuteNs ? seconds(timeNs) : clock(timeNs);
}

function seconds(ns: number): string {
  return `${Number((ns / secondNs).toFixed(1))} s`;
}
