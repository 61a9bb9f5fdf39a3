/** Draws the timeline on a canvas, because thousands of spans would be too many DOM elements. */
import type { SpanState } from '../../src/protocol/snapshot.ts';
import type { Color } from '../colors.ts';
import type { Theme } from '../theme.ts';
import { formatMoment, type TimeWindow } from '../time-window.ts';
import type { LaneLayout, PlacedSpan } from './timeline-lanes.ts';

export interface TimelineScene {
  readonly lanes: LaneLayout;
  readonly window: TimeWindow;
  readonly theme: Theme;
  readonly labelOf: (source: string) => string;
  readonly colorOf: (component: string) => Color;
  readonly selected: SpanState | undefined;
}

/** In pixels, like all lengths in this file. */
const laneHeight = 14;
const bandGap = 8;
const axisHeight = 20;
const minSpanWidth = 1.5;
const minLabeledWidth = 34;

/** Returns the width of the column with the source names, which is smaller on a narrow page. */
function gutterWidth(width: number): number {
  return width < 600 ? 84 : 150;
}

function timelineHeight({ laneCount, bands }: LaneLayout): number {
  return laneCount * laneHeight + bands.length * bandGap + axisHeight;
}

/** Paints the timeline at the full width of the canvas element and sets the canvas height to fit all lanes. */
export function paintTimeline(canvas: HTMLCanvasElement, scene: TimelineScene): void {
  const width = canvas.clientWidth;
  const height = timelineHeight(scene.lanes);
  const scale = devicePixelRatio;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.style.height = `${height}px`;
  const ctx = canvas.getContext('2d');
  if (!ctx) return;
  ctx.scale(scale, scale);
  ctx.font = `11px ${scene.theme.font}`;
  ctx.textBaseline = 'middle';
  paintBands(ctx, scene, width);
  ctx.save();
  ctx.beginPath();
  ctx.rect(gutterWidth(width), 0, width - gutterWidth(width), height);
  ctx.clip();
  for (const placedSpan of scene.lanes.placedSpans) paintSpan(ctx, scene, placedSpan, width);
  ctx.restore();
  paintAxis(ctx, scene, width, height);
}

/** Returns the span at a point, in pixels from the top left corner of the canvas. */
export function spanAt(scene: TimelineScene, width: number, x: number, y: number): SpanState | undefined {
  return scene.lanes.placedSpans.findLast(({ span, lane }) => {
    const { left, length } = spanExtent(scene, span, width);
    const top = laneTop(scene.lanes, lane);
    return y >= top && y < top + laneHeight && x >= left - 1 && x <= left + length + 1;
  })?.span;
}

function paintBands(ctx: CanvasRenderingContext2D, { lanes, labelOf, theme }: TimelineScene, width: number): void {
  for (const { source, firstLane, laneCount } of lanes.bands) {
    const top = laneTop(lanes, firstLane);
    ctx.fillStyle = theme.grid;
    ctx.fillRect(0, top - bandGap / 2, width, 1);
    ctx.fillStyle = theme.dim;
    ctx.fillText(truncateText(ctx, labelOf(source), gutterWidth(width) - 18), 10, top + (laneCount * laneHeight) / 2);
  }
}

function paintSpan(
  ctx: CanvasRenderingContext2D,
  scene: TimelineScene,
  { span, lane }: PlacedSpan,
  width: number,
): void {
  const { theme, selected } = scene;
  const { left, length } = spanExtent(scene, span, width);
  const top = laneTop(scene.lanes, lane) + 1;
  const height = laneHeight - 2;
  ctx.globalAlpha = selected && selected !== span ? 0.55 : 0.85;
  ctx.fillStyle = theme.lines[scene.colorOf(span.component)];
  ctx.fillRect(left, top, length, height);
  ctx.globalAlpha = 1;
  if (span.error !== undefined) {
    ctx.fillStyle = theme.lines.red;
    ctx.fillRect(left, top + height - 3, Math.max(length, 3), 3);
  }
  if (length >= minLabeledWidth) {
    ctx.fillStyle = theme.card;
    ctx.fillText(truncateText(ctx, span.name, length - 6), left + 3, top + height / 2 + 0.5);
  }
  if (selected === span) {
    ctx.strokeStyle = theme.text;
    ctx.lineWidth = 1.5;
    ctx.strokeRect(left - 0.5, top - 0.5, length + 1, height + 1);
  }
}

function paintAxis(
  ctx: CanvasRenderingContext2D,
  { window, theme }: TimelineScene,
  width: number,
  height: number,
): void {
  const { startNs, endNs } = window;
  const left = gutterWidth(width);
  ctx.fillStyle = theme.dim;
  for (const [index, align] of (['left', 'center', 'right'] as const).entries()) {
    ctx.textAlign = align;
    const x = left + ((width - left - 10) * index) / 2;
    ctx.fillText(formatMoment(startNs + ((endNs - startNs) * index) / 2, window), x, height - axisHeight / 2);
  }
  ctx.textAlign = 'left';
}

function spanExtent({ window }: TimelineScene, { startNs, durationNs }: SpanState, width: number) {
  const left = gutterWidth(width);
  const pixelsPerNs = (width - left - 10) / (window.endNs - window.startNs);
  return {
    left: left + (startNs - window.startNs) * pixelsPerNs,
    length: Math.max(minSpanWidth, durationNs * pixelsPerNs),
  };
}

function laneTop({ bands }: LaneLayout, lane: number): number {
  const band = bands.findLastIndex(({ firstLane }) => firstLane <= lane);
  return lane * laneHeight + (Math.max(0, band) + 1) * bandGap;
}

/** Shortens the text with an ellipsis if it is wider than `width`. */
function truncateText(ctx: CanvasRenderingContext2D, text: string, width: number): string {
  const textWidth = ctx.measureText(text).width;
  if (textWidth <= width) return text;
  return `${text.slice(0, Math.max(1, Math.floor((text.length * width) / textWidth) - 1))}…`;
}
