/** Position of the zoomed part of the flame graph, and the way back: breadcrumbs and a minimap. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { type FlameScene, paintMinimap } from './flame-canvas.ts';
import type { Frame } from './flame-layout.ts';
import { zoomToExtent, zoomToFrame } from './flame-zoom.ts';

/** Number of callers in the breadcrumbs, the nearest ones. */
const maxCrumbs = 5;

export function ZoomBar({ scene }: { readonly scene: FlameScene }) {
  const { extent, totalNs, zoomed } = scene;
  const isZoomed = zoomed !== undefined || extent.endNs - extent.startNs < totalNs;
  if (!isZoomed) return null;
  const callers: Frame[] = [];
  for (let frame: Frame | undefined = zoomed; frame; frame = frame.above) callers.unshift(frame);
  return (
    <>
      <nav class="breadcrumbs" aria-label="Zoom">
        <button type="button" class="quiet" onClick={() => zoomToFrame(undefined)}>
          All
        </button>
        {callers.length > maxCrumbs && <span class="dim">› …</span>}
        {callers.slice(-maxCrumbs).map((frame) => (
          <button
            type="button"
            class="quiet"
            key={frame.path}
            aria-current={frame === zoomed ? 'true' : undefined}
            onClick={() => zoomToFrame(frame)}
          >
            {frame.called.name}
          </button>
        ))}
      </nav>
      <Minimap scene={scene} />
    </>
  );
}

/** The whole graph in small. Dragging moves the visible part; the breadcrumbs do the same by keyboard. */
function Minimap({ scene }: { readonly scene: FlameScene }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  /** Distance of the pointer from the start of the visible part while it is dragged, in nanoseconds. */
  const grip = useRef<number | undefined>(undefined);
  useLayoutEffect(() => {
    if (canvas.current) paintMinimap(canvas.current, scene);
  });
  const { extent, totalNs } = scene;
  const lengthNs = extent.endNs - extent.startNs;
  const move = (startNs: number): void => zoomToExtent({ startNs, endNs: startNs + lengthNs }, totalNs);
  return (
    <div class="minimap">
      <canvas
        ref={canvas}
        id="minimap"
        role="img"
        aria-label="All frames, with the visible part marked"
        onPointerDown={(event) => {
          const pointNs = timeUnder(canvas, event, totalNs);
          const isInside = pointNs >= extent.startNs && pointNs <= extent.endNs;
          grip.current = isInside ? pointNs - extent.startNs : lengthNs / 2;
          event.currentTarget.setPointerCapture(event.pointerId);
          if (!isInside) move(pointNs - grip.current);
        }}
        onPointerMove={(event) => {
          if (grip.current !== undefined) move(timeUnder(canvas, event, totalNs) - grip.current);
        }}
        onPointerUp={() => {
          grip.current = undefined;
        }}
        onLostPointerCapture={() => {
          grip.current = undefined;
        }}
      />
    </div>
  );
}

function timeUnder(canvas: RefObject<HTMLCanvasElement | null>, { offsetX }: PointerEvent, totalNs: number): number {
  return (totalNs * offsetX) / Math.max(1, canvas.current?.clientWidth ?? 1);
}
