/** Draws the flame graph on a canvas, because thousands of frames would be too many DOM elements. */
import type { Color } from '../colors.ts';
import type { Theme } from '../theme.ts';
import type { FlameLayout, Frame } from './flame-layout.ts';

export interface FlameScene {
  readonly layout: FlameLayout;
  readonly totalNs: number;
  readonly theme: Theme;
  readonly colorOf: (frame: Frame) => Color;
  readonly labelOf: (frame: Frame) => string;
  /** The frame that has the full width; all if undefined. */
  readonly zoomed: Frame | undefined;
  readonly selected: Frame | undefined;
  /** Returns true for frames that the search has found; undefined without a search. */
  readonly isMatch: ((frame: Frame) => boolean) | undefined;
}

/** In pixels, like all lengths in this file. */
const rowHeight = 19;
const barGap = 1;
const minBarWidth = 0.5;
const minLabeledWidth = 28;
const padding = 4;

/** Part of the time that the canvas shows. */
function extentOf({ zoomed, totalNs }: FlameScene): { readonly startNs: number; readonly endNs: number } {
  return zoomed ? { startNs: zoomed.startNs, endNs: zoomed.startNs + zoomed.totalNs } : { startNs: 0, endNs: totalNs };
}

/** Paints the flame graph at the full width of the canvas element and sets the canvas height to fit all rows. */
export function paintFlames(canvas: HTMLCanvasElement, scene: FlameScene): void {
  const width = canvas.clientWidth;
  const height = Math.max(1, scene.layout.depth) * rowHeight + 2 * padding;
  const scale = devicePixelRatio;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d');
  if (!context) return;
  context.scale(scale, scale);
  context.font = `12px ${scene.theme.font}`;
  context.textBaseline = 'middle';
  for (const frame of scene.layout.frames) paintFrame(context, scene, frame, width);
}

/** Returns the frame at a point, in pixels from the top left corner of the canvas. */
export function frameAt(scene: FlameScene, width: number, x: number, y: number): Frame | undefined {
  const depth = Math.floor((y - padding) / rowHeight);
  return scene.layout.frames.find((frame) => {
    if (frame.depth !== depth) return false;
    const { left, right } = edgesOf(scene, frame, width);
    return x >= left && x < Math.max(right, left + 2);
  });
}

function edgesOf(scene: FlameScene, frame: Frame, width: number): { readonly left: number; readonly right: number } {
  const { startNs, endNs } = extentOf(scene);
  const pixelsPerNs = (width - 2 * padding) / Math.max(1, endNs - startNs);
  const clamp = (x: number): number => Math.min(width - padding, Math.max(padding, x));
  return {
    left: clamp(padding + (frame.startNs - startNs) * pixelsPerNs),
    right: clamp(padding + (frame.startNs + frame.totalNs - startNs) * pixelsPerNs),
  };
}

function paintFrame(context: CanvasRenderingContext2D, scene: FlameScene, frame: Frame, width: number): void {
  const { theme, selected, zoomed, isMatch } = scene;
  const { left, right } = edgesOf(scene, frame, width);
  const length = right - left;
  if (length < minBarWidth) return;
  const top = padding + frame.depth * rowHeight;
  const height = rowHeight - barGap;
  const isCaller = zoomed !== undefined && frame.depth < zoomed.depth;
  const isFaded = isMatch ? !isMatch(frame) : isCaller;
  context.globalAlpha = isFaded ? 0.3 : 0.9;
  context.fillStyle = theme.lines[scene.colorOf(frame)];
  context.fillRect(left, top, Math.max(minBarWidth, length - barGap), height);
  context.globalAlpha = 1;
  if (length >= minLabeledWidth) {
    context.fillStyle = isFaded ? theme.text : theme.page;
    context.fillText(shorten(context, scene.labelOf(frame), length - 8), left + 4, top + height / 2 + 0.5);
  }
  // A match and the selected frame have an outline too, so that color is not the only sign.
  if (frame !== selected && !isMatch?.(frame)) return;
  context.strokeStyle = theme.text;
  context.lineWidth = frame === selected ? 2 : 1;
  context.strokeRect(left + 0.5, top + 0.5, Math.max(1, length - barGap - 1), height - 1);
}

/** Shortens the text with an ellipsis if it is wider than `width`. */
function shorten(context: CanvasRenderingContext2D, text: string, width: number): string {
  const textWidth = context.measureText(text).width;
  if (textWidth <= width) return text;
  const length = Math.floor((text.length * width) / textWidth) - 1;
  return length < 2 ? '' : `${text.slice(0, length)}…`;
}
