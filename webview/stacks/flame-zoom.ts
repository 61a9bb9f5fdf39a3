/** Part of the flame graph that has the full width. */
import { signal } from '@preact/signals';
import type { Frame } from './flame-layout.ts';

/** Part of the time, in nanoseconds from the left edge of the whole graph. */
export interface Extent {
  readonly startNs: number;
  readonly endNs: number;
}

/** Path of the frame that has the full width. */
export const zoomedPath = signal<string | undefined>(undefined);
/** Part that has the full width if it is not that of a frame: shares of the whole from 0 to 1. */
export const zoomedShares = signal<{ readonly start: number; readonly end: number } | undefined>(undefined);

/** Smallest part that can have the full width. */
const minShare = 1e-4;

/** Returns the part that is shown. */
export function extentOf(totalNs: number, zoomed: Frame | undefined): Extent {
  if (zoomed) return { startNs: zoomed.startNs, endNs: zoomed.startNs + zoomed.totalNs };
  const shares = zoomedShares.value;
  return shares ? { startNs: shares.start * totalNs, endNs: shares.end * totalNs } : { startNs: 0, endNs: totalNs };
}

/** Gives a frame the full width, or everything if undefined. */
export function zoomToFrame(frame: Frame | undefined): void {
  zoomedPath.value = frame?.path;
  zoomedShares.value = undefined;
}

/** Shows a part of the whole. A part that reaches beyond an edge is moved inside. */
export function zoomToExtent({ startNs, endNs }: Extent, totalNs: number): void {
  if (totalNs <= 0) return;
  const length = Math.min(1, Math.max(minShare, (endNs - startNs) / totalNs));
  const middle = (startNs + endNs) / 2 / totalNs;
  const start = Math.min(1 - length, Math.max(0, middle - length / 2));
  zoomedPath.value = undefined;
  zoomedShares.value = length >= 1 ? undefined : { start, end: start + length };
}

/** Makes the shown part longer or shorter by a factor, around a point that stays in its place. */
export function zoomAround(extent: Extent, totalNs: number, pointNs: number, factor: number): void {
  const startNs = pointNs - (pointNs - extent.startNs) * factor;
  const endNs = pointNs + (extent.endNs - pointNs) * factor;
  zoomToExtent({ startNs, endNs }, totalNs);
}

/** Moves the shown part by a share of its length. */
export function pan({ startNs, endNs }: Extent, totalNs: number, share: number): void {
  const distanceNs = (endNs - startNs) * share;
  zoomToExtent({ startNs: startNs + distanceNs, endNs: endNs + distanceNs }, totalNs);
}
