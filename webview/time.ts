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
/** A line that ends further back than this has no current value. */
const freshSlots = 3;

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
  /** `NaN` where nothing is known: the line has a gap there. */
  readonly y: number;
}

export function pointsOf(series: Series | undefined, { startNs, endNs }: TimeWindow): Point[] {
  if (!series) return [];
  const points: Point[] = [];
  for (const [slot, value] of series.values.entries()) {
    const x = timeAt(series, slot);
    if (x >= startNs && x <= endNs) points.push({ x, y: value ?? Number.NaN });
  }
  return points;
}

/** The newest value that is still fresh. */
export function latest(series: Series | undefined): number | undefined {
  const value = series?.values.slice(-freshSlots).findLast((entry) => entry !== null);
  return value ?? undefined;
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
  return `${Number((ns / secondNs).toFixed(ns < 10 * secondNs ? 1 : 0))} s`;
}
