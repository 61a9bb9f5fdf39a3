/** Marks in a chart where a turn of an event loop took too long. */
import { duration } from '../../src/core/format.ts';
import type { BlockMoment } from '../../src/protocol/event-loop-blocks.ts';
import type { Snapshot } from '../../src/protocol/snapshot.ts';
import type { TimeWindow } from '../time-window.ts';
import type { Chart } from './charts.ts';

/** Half of the width of a mark, in pixels. */
const markRadius = 4;
/** Distance from the pointer within which a mark is selected, in pixels. */
const maxDistance = 8;

/** Returns the blocks that are marked in a chart. */
export function marksOf(
  { marksBlocks }: Chart,
  { eventLoopBlocks }: Snapshot,
  { startNs, endNs }: TimeWindow,
): readonly BlockMoment[] {
  if (!marksBlocks) return [];
  return (eventLoopBlocks?.moments ?? []).filter(({ atNs }) => atNs >= startNs && atNs <= endNs);
}

/** Draws a triangle for each mark at the upper edge of the chart. */
export function drawMarks(
  ctx: CanvasRenderingContext2D,
  marks: readonly BlockMoment[],
  { color, top, pixelOf }: { readonly color: string; readonly top: number; pixelOf(timeNs: number): number },
): void {
  ctx.save();
  ctx.fillStyle = color;
  for (const { atNs } of marks) {
    const x = pixelOf(atNs);
    ctx.beginPath();
    ctx.moveTo(x - markRadius, top);
    ctx.lineTo(x + markRadius, top);
    ctx.lineTo(x, top + 1.5 * markRadius);
    ctx.fill();
  }
  ctx.restore();
}

/** Returns the mark at a horizontal position in pixels, or undefined if there is none. */
export function markAt(
  marks: readonly BlockMoment[],
  x: number,
  pixelOf: (timeNs: number) => number,
): BlockMoment | undefined {
  const distanceOf = ({ atNs }: BlockMoment): number => Math.abs(pixelOf(atNs) - x);
  const [nearest] = marks.toSorted((left, right) => distanceOf(left) - distanceOf(right));
  return nearest && distanceOf(nearest) <= maxDistance ? nearest : undefined;
}

/** Returns the longest block within a step of the chart that ends at a time, or undefined without one. */
export function markBefore(marks: readonly BlockMoment[], endNs: number, stepNs: number): BlockMoment | undefined {
  const [longest] = marks
    .filter(({ atNs }) => atNs > endNs - stepNs && atNs <= endNs)
    .toSorted((left, right) => right.durationNs - left.durationNs);
  return longest;
}

/** Returns text such as `blocked for ~340 ms by rank`. */
export function describeMark({ durationNs, function: id }: BlockMoment, { eventLoopBlocks }: Snapshot): string {
  const name = eventLoopBlocks?.functions.find((blocked) => blocked.id === id)?.name;
  return `blocked for ~${duration(durationNs)}${name ? ` by ${name}` : ''}`;
}
