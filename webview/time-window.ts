/** The part of a run that all charts show, and the values of a series within it. */
import { clock, type OptionalNumber } from '../src/core/format.ts';
import type { Series, Snapshot } from '../src/protocol/snapshot.ts';

export const ranges = ['auto', 'minute', 'whole'] as const;
/** `auto` shows the last minute while the run is live, and the whole run after it has ended. */
export type Range = (typeof ranges)[number];

/** A time range in nanoseconds since the start of the run, both ends included. */
export interface TimeWindow {
  readonly startNs: number;
  readonly endNs: number;
  readonly isLive: boolean;
  /** Length of a slot of the series. */
  readonly stepNs: number;
}

const secondNs = 1e9;
const minuteNs = 60 * secondNs;
/** Older values do not count as current while the run is live. */
const maxValueAgeNs = 5 * secondNs;
/** Values no further apart than this are joined by a line, even across an empty slot, unless the slots are longer. */
const minJoinGapNs = 1.5 * secondNs;

/** Returns the distance up to which two values are joined by a line. Anything longer is a gap. */
export function maxJoinGapNs(series: Pick<Series, 'stepNs'>): number {
  return Math.max(minJoinGapNs, 1.5 * series.stepNs);
}

export function showsWholeRun(range: Range, isLive: boolean): boolean {
  return range === 'whole' || (range === 'auto' && !isLive);
}

/** Returns the time window to draw, taken from the first series with data. */
export function selectWindow(snapshot: Snapshot, range: Range): TimeWindow {
  const isLive = snapshot.run.result === 'running';
  const series = Object.values(snapshot.series).find(({ values }) => values.length > 0);
  if (!series) {
    const endNs = Math.max(secondNs, snapshot.run.durationNs);
    return { startNs: 0, endNs, isLive, stepNs: secondNs };
  }
  const firstNs = series.startNs;
  const endNs = slotEndNs(series, series.values.length - 1);
  const startNs = showsWholeRun(range, isLive) ? firstNs : Math.max(firstNs, endNs - minuteNs);
  return { startNs, endNs, isLive, stepNs: series.stepNs };
}

/** Returns the end of a slot, which is the time its value belongs to. */
export function slotEndNs(series: Series, slot: number): number {
  return series.startNs + (slot + 1) * series.stepNs;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Returns the points of a series within the window. Empty slots are skipped. */
export function pointsInWindow(series: Series | undefined, { startNs, endNs }: TimeWindow): Point[] {
  if (!series) return [];
  const points: Point[] = [];
  for (const [slot, y] of series.values.entries()) {
    const x = slotEndNs(series, slot);
    if (y !== null && x >= startNs && x <= endNs) points.push({ x, y });
  }
  return points;
}

/** Returns the end time of each slot in the window. */
export function slotEnds({ startNs, endNs, stepNs }: TimeWindow): number[] {
  return Array.from({ length: Math.round((endNs - startNs) / stepNs) }, (_, slot) => startNs + (slot + 1) * stepNs);
}

/** Returns the current value of a series or, after the run has ended, its last value. */
export function latestValue(series: Series | undefined, { isLive }: { readonly isLive: boolean }): number | undefined {
  if (!series) return undefined;
  const slots = isLive ? Math.max(1, Math.round(maxValueAgeNs / series.stepNs)) : series.values.length;
  return series.values.slice(-slots).findLast((entry) => entry !== null) ?? undefined;
}

export function valueAt(series: Series | undefined, timeNs: number): OptionalNumber {
  return series?.values[Math.round((timeNs - series.startNs) / series.stepNs) - 1];
}

/** Formats a time for the axis: `−20 s` or `now` in a live window, otherwise the time since the start (`12.5 s`, `02:40`). */
export function formatMoment(timeNs: number, { startNs, endNs, isLive }: TimeWindow): string {
  if (isLive) return timeNs >= endNs ? 'now' : `−${formatSeconds(endNs - timeNs)}`;
  return endNs - startNs <= 2 * minuteNs ? formatSeconds(timeNs) : clock(timeNs);
}

function formatSeconds(ns: number): string {
  return `${Number((ns / secondNs).toFixed(1))} s`;
}
