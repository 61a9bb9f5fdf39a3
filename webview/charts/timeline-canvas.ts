/** The timeline's canvas: one canvas for thousands of spans, where elements of the page would be too many. */
import type { SpanState } from '../../src/protocol/snapshot.ts';
import type { Color } from '../colors.ts';
import type { Theme } from '../theme.ts';
import { moment, type TimeWindow } from '../time-window.ts';
import type { Lanes, Placed } from './timeline-lanes.ts';

export interface Scene {
  readonly lanes: Lanes;
  readonly window: TimeWindow;
  readonly theme: Theme;
  readonly labelOf: (source: string) => string;
  readonly colorOf: (component: string) => Color;
  readonly selected: SpanState | undefined;
}

/** Pixels. */
const laneHeight = 14;
const bandGap = 8;
const axisHeight = 20;
const narrowest = 1.5;
const smallestText = 34;

/** Room for the names of the sources; less where the page is narrow. */
function gutter(width: number): number {
  return width < 600 ? 84 : 150;
}

export function heightOf({ lanes, bands }: Lanes): number {
  return lanes * laneHeight + bands.length * bandGap + axisHeight;
}

/** Paints the scene onto a canvas as wide as its place. */
export function paint(canvas: HTMLCanvasElement, scene: Scene): void {
  const width = canvas.clientWidth;
  const height = heightOf(scene.lanes);
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
  ctx.rect(gutter(width), 0, width - gutter(width), height);
  ctx.clip();
  for (const placed of scene.lanes.placed) paintSpan(ctx, scene, placed, width);
  ctx.restore();
  paintAxis(ctx, scene, width, height);
}

/** The span under a point of the canvas, in pixels from its upper left corner. */
export function spanAt(scene: Scene, width: number, x: number, y: number): SpanState | undefined {
  return scene.lanes.placed.findLast(({ span, lane }) => {
    const { left, length } = reach(scene, span, width);
    const top = topOf(scene.lanes, lane);
    return y >= top && y < top + laneHeight && x >= left - 1 && x <= left + length + 1;
  })?.span;
}

function paintBands(ctx: CanvasRenderingContext2D, { lanes, labelOf, theme }: Scene, width: number): void {
  for (const { source, firstLane, lanes: many } of lanes.bands) {
    const top = topOf(lanes, firstLane);
    ctx.fillStyle = theme.grid;
    ctx.fillRect(0, top - bandGap / 2, width, 1);
    ctx.fillStyle = theme.dim;
    ctx.fillText(fitted(ctx, labelOf(source), gutter(width) - 18), 10, top + (many * laneHeight) / 2);
  }
}

function paintSpan(ctx: CanvasRenderingContext2D, scene: Scene, { span, lane }: Placed, width: number): void {
  const { theme, selected } = scene;
  const { left, length } = reach(scene, span, width);
  const top = topOf(scene.lanes, lane) + 1;
  const height = laneHeight - 2;
  ctx.globalAlpha = selected && selected !== span ? 0.55 : 0.85;
  ctx.fillStyle = theme.lines[scene.colorOf(span.component)];
  ctx.fillRect(left, top, length, height);
  ctx.globalAlpha = 1;
  if (span.error !== undefined) {
    ctx.fillStyle = theme.lines.red;
    ctx.fillRect(left, top + height - 3, Math.max(length, 3), 3);
  }
  if (length >= smallestText) {
    ctx.fillStyle = theme.card;
    ctx.fillText(fitted(ctx, span.name, length - 6), left + 3, top + height / 2 + 0.5);
  }
  if (selected === span) {
    ctx.strokeStyle = theme.text;
    ctx.lineWidth = 1.5;
    ctx.strokeRect(left - 0.5, top - 0.5, length + 1, height + 1);
  }
}

function paintAxis(ctx: CanvasRenderingContext2D, { window, theme }: Scene, width: number, height: number): void {
  const { startNs, endNs } = window;
  const left = gutter(width);
  ctx.fillStyle = theme.dim;
  for (const [at, align] of (['left', 'center', 'right'] as const).entries()) {
    ctx.textAlign = align;
    const x = left + ((width - left - 10) * at) / 2;
    ctx.fillText(moment(startNs + ((endNs - startNs) * at) / 2, window), x, height - axisHeight / 2);
  }
  ctx.textAlign = 'left';
}

function reach({ window }: Scene, { startNs, durationNs }: SpanState, width: number) {
  const left = gutter(width);
  const perNs = (width - left - 10) / (window.endNs - window.startNs);
  return { left: left + (startNs - window.startNs) * perNs, length: Math.max(narrowest, durationNs * perNs) };
}

function topOf({ bands }: Lanes, lane: number): number {
  const band = bands.findLastIndex(({ firstLane }) => firstLane <= lane);
  return lane * laneHeight + (Math.max(0, band) + 1) * bandGap;
}

/** The text, cut where its place ends. */
function fitted(ctx: CanvasRenderingContext2D, text: string, width: number): string {
  const full = ctx.measureText(text).width;
  if (full <= width) return text;
  return `${text.slice(0, Math.max(1, Math.floor((text.length * width) / full) - 1))}…`;
}
