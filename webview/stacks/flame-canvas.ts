/** Draws the flame graph on a canvas, because thousands of frames would be too many DOM elements. */
import type { Color } from '../colors.ts';
import type { Theme } from '../theme.ts';
import type { FlameLayout, Frame } from './flame-layout.ts';
import type { Extent } from './flame-zoom.ts';

/** Color of a frame and its opacity from 0 to 1. Text in front of it is readable at 1 and up to 0.5. */
export interface FrameFill {
  readonly color: Color;
  readonly opacity: number;
}

export interface FlameScene {
  readonly layout: FlameLayout;
  readonly totalNs: number;
  readonly theme: Theme;
  readonly fillOf: (frame: Frame) => FrameFill;
  readonly labelOf: (frame: Frame) => string;
  /** Returns the label of a frame that has room for one character only; undefined without such labels. */
  readonly signOf: ((frame: Frame) => string) | undefined;
  /** Part that has the full width. */
  readonly extent: Extent;
  /** The frame that has the full width, if it is one. */
  readonly zoomed: Frame | undefined;
  readonly selected: Frame | undefined;
  /** Returns true for frames that the search has found; undefined without a search. */
  readonly isMatch: ((frame: Frame) => boolean) | undefined;
  /** Marks of time above the frames; none unless the frames are in the order of time. */
  readonly ticks: readonly { readonly offsetNs: number; readonly label: string }[];
}

/** In pixels, like all lengths in this file. */
const rowHeight = 19;
const barGap = 1;
const minBarWidth = 0.5;
const minLabeledWidth = 28;
const minSignedWidth = 9;
const padding = 4;
const axisHeight = 16;
const minTickDistance = 56;
const minimapHeight = 44;

/** Paints the flame graph at the full width of the canvas element and sets the canvas height to fit all rows. */
export function paintFlames(canvas: HTMLCanvasElement, scene: FlameScene): void {
  const width = canvas.clientWidth;
  const height = topOf(scene, Math.max(1, scene.layout.depth)) + padding;
  const context = prepare(canvas, width, height);
  if (!context) return;
  context.font = `12px ${scene.theme.font}`;
  context.textBaseline = 'middle';
  paintTicks(context, scene, width, height);
  for (const frame of scene.layout.frames) paintFrame(context, scene, frame, width);
}

/** Paints everything in a few rows, and marks the part that has the full width. */
export function paintMinimap(canvas: HTMLCanvasElement, scene: FlameScene): void {
  const width = canvas.clientWidth;
  const context = prepare(canvas, width, minimapHeight);
  if (!context) return;
  const { layout, theme, totalNs, extent } = scene;
  const row = Math.min(5, (minimapHeight - 4) / Math.max(1, layout.depth));
  const pixelsPerNs = width / Math.max(1, totalNs);
  for (const frame of layout.frames) {
    const length = frame.totalNs * pixelsPerNs;
    if (length < minBarWidth) continue;
    const { color, opacity } = scene.fillOf(frame);
    context.globalAlpha = opacity;
    context.fillStyle = theme.lines[color];
    context.fillRect(frame.startNs * pixelsPerNs, 2 + frame.depth * row, length, Math.max(0.5, row - 0.5));
  }
  const [left, right] = [extent.startNs * pixelsPerNs, extent.endNs * pixelsPerNs];
  context.globalAlpha = 0.65;
  context.fillStyle = theme.page;
  context.fillRect(0, 0, left, minimapHeight);
  context.fillRect(right, 0, width - right, minimapHeight);
  context.globalAlpha = 1;
  context.strokeStyle = theme.text;
  context.lineWidth = 2;
  context.strokeRect(left + 1, 1, Math.max(2, right - left - 2), minimapHeight - 2);
}

/** Returns the frame at a point, in pixels from the top left corner of the canvas. */
export function frameAt(scene: FlameScene, width: number, x: number, y: number): Frame | undefined {
  const depth = Math.floor((y - topOf(scene, 0)) / rowHeight);
  return scene.layout.frames.find((frame) => {
    if (frame.depth !== depth) return false;
    const { left, right } = edgesOf(scene, frame, width);
    return right - left >= minBarWidth && x >= left && x < Math.max(right, left + 2);
  });
}

/** Returns the time at a horizontal position, from the left edge of the whole graph. */
export function timeAt({ extent: { startNs, endNs } }: Pick<FlameScene, 'extent'>, width: number, x: number): number {
  const ratio = (x - padding) / Math.max(1, width - 2 * padding);
  return startNs + Math.min(1, Math.max(0, ratio)) * (endNs - startNs);
}

/** Returns the vertical position of the rows of a depth. */
export function topOf({ ticks }: Pick<FlameScene, 'ticks'>, depth: number): number {
  return padding + (ticks.length > 0 ? axisHeight : 0) + depth * rowHeight;
}

function prepare(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const scale = devicePixelRatio;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d');
  context?.scale(scale, scale);
  return context;
}

function positionOf({ extent: { startNs, endNs } }: FlameScene, offsetNs: number, width: number): number {
  return padding + ((offsetNs - startNs) * (width - 2 * padding)) / Math.max(1, endNs - startNs);
}

function edgesOf(scene: FlameScene, frame: Frame, width: number): { readonly left: number; readonly right: number } {
  const clamp = (x: number): number => Math.min(width - padding, Math.max(padding, x));
  return {
    left: clamp(positionOf(scene, frame.startNs, width)),
    right: clamp(positionOf(scene, frame.startNs + frame.totalNs, width)),
  };
}

/** Paints a line at each mark that has room, and its time above. */
function paintTicks(context: CanvasRenderingContext2D, scene: FlameScene, width: number, height: number): void {
  let last = Number.NEGATIVE_INFINITY;
  for (const { offsetNs, label } of scene.ticks) {
    const x = positionOf(scene, offsetNs, width);
    if (x < padding || x > width - padding || x - last < minTickDistance) continue;
    last = x;
    context.fillStyle = scene.theme.grid;
    context.fillRect(x, 0, 1, height);
    context.fillStyle = scene.theme.dim;
    context.fillText(label, x + 3, axisHeight / 2 + 1);
  }
}

function paintFrame(context: CanvasRenderingContext2D, scene: FlameScene, frame: Frame, width: number): void {
  const { theme, selected, zoomed, isMatch } = scene;
  const { left, right } = edgesOf(scene, frame, width);
  const length = right - left;
  if (length < minBarWidth) return;
  const top = topOf(scene, frame.depth);
  const height = rowHeight - barGap;
  const isCaller = zoomed !== undefined && frame.depth < zoomed.depth;
  const isFaded = isMatch ? !isMatch(frame) : isCaller;
  const { color, opacity } = scene.fillOf(frame);
  context.globalAlpha = isFaded ? 0.3 : opacity;
  context.fillStyle = theme.lines[color];
  context.fillRect(left, top, Math.max(minBarWidth, length - barGap), height);
  context.globalAlpha = 1;
  if (length >= minLabeledWidth) {
    context.fillStyle = isFaded || opacity < 1 ? theme.text : theme.labels[color];
    context.fillText(shorten(context, scene.labelOf(frame), length - 8), left + 4, top + height / 2 + 0.5);
  } else if (scene.signOf && length >= minSignedWidth) {
    context.fillStyle = theme.text;
    context.fillText(scene.signOf(frame), left + 1, top + height / 2 + 0.5);
  }
  // A match and the selected frame have an outline too, so that color is not the only sign.
  const isSameFunction = selected !== undefined && frame.called.id === selected.called.id;
  if (!isSameFunction && !isMatch?.(frame)) return;
  context.strokeStyle = theme.text;
  context.lineWidth = frame === selected ? 2 : 1;
  context.strokeRect(left + 0.5, top + 0.5, Math.max(1, length - barGap - 1), height - 1);
}

/** Shortens the text with an ellipsis if it is wider than `width`. */
function shorten(context: CanvasRenderingContext2D, text: string, width: number): string {
  const textWidth = context.measureText(text).width;
  if (textWidth <= width) return text;
  let length = Math.floor((text.length * width) / textWidth) - 1;
  // The first letters may be wider than the average.
  while (length >= 2 && context.measureText(`${text.slice(0, length)}…`).width > width) length--;
  return length < 2 ? '' : `${text.slice(0, length)}…`;
}
