/** Flame graph of the sampled call stacks. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { clock, percent } from '../../src/core/format.ts';
import type { StackView } from '../../src/protocol/panel/stack-view.ts';
import type { Snapshot } from '../../src/protocol/snapshot.ts';
import { functionColors } from '../component-colors.ts';
import { post } from '../host.ts';
import { theme } from '../theme.ts';
import { ComparisonTable } from './comparison-table.tsx';
import { type FlameScene, type FrameFill, frameAt, paintFlames, timeAt, topOf } from './flame-canvas.ts';
import { type FlameLayout, type Frame, frameForKey, largestFrameOf, layOutFlames } from './flame-layout.ts';
import { extentOf, pan, zoomAround, zoomedPath, zoomToFrame } from './flame-zoom.ts';
import { changeOf, describeFrame, formatChange, labelOf } from './frame-text.ts';
import { FunctionPanel } from './function-panel.tsx';
import { EmptyStacks, StackControls } from './stack-controls.tsx';
import { changeUnit, missingFunction, searchText, selectedFunction, selectedPath } from './stack-state.ts';
import { ZoomBar } from './zoom-bar.tsx';

interface FlameGraphProps {
  readonly snapshot: Snapshot;
  readonly view: StackView;
}

/** Factor by which one step of a key or wheel changes the shown part. */
const zoomStep = 0.7;

export function FlameGraph({ snapshot, view }: FlameGraphProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scene = sceneOf(snapshot, view);
  const { layout, selected, zoomed, extent, totalNs } = scene;
  usePainting(canvas, scene);
  const select = (frame: Frame | undefined): void => {
    selectedPath.value = frame?.path;
    selectedFunction.value = frame?.called.id;
    missingFunction.value = undefined;
  };
  const step = (factor: number): void => {
    const middleNs = selected ? selected.startNs + selected.totalNs / 2 : (extent.startNs + extent.endNs) / 2;
    const isShown = middleNs >= extent.startNs && middleNs <= extent.endNs;
    zoomAround(extent, totalNs, isShown ? middleNs : (extent.startNs + extent.endNs) / 2, factor);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = frameForKey(layout, selected, event.key);
    if (next) {
      select(next);
      showFrame(canvas, scene, next);
    } else if (event.key === 'Enter') zoomToFrame(selected);
    else if (event.key === 'Escape' || event.key === 'Backspace') zoomToFrame(zoomed?.above);
    else if (event.key === '+') step(zoomStep);
    else if (event.key === '-') step(1 / zoomStep);
    else if (event.key === 'o') openSource(selected);
    else return;
    event.preventDefault();
  };
  const onWheel = (event: WheelEvent): void => {
    if (!canvas.current) return;
    const { deltaX, deltaY, clientX } = event;
    const { left, width } = canvas.current.getBoundingClientRect();
    const isZoomed = extent.endNs - extent.startNs < totalNs;
    if (event.ctrlKey || event.metaKey) {
      const pointNs = timeAt(scene, width, clientX - left);
      zoomAround(extent, totalNs, pointNs, zoomStep ** (Math.sign(-deltaY) * Math.min(1, Math.abs(deltaY) / 50)));
    } else if (isZoomed && (event.shiftKey || Math.abs(deltaX) > Math.abs(deltaY)))
      pan(extent, totalNs, (deltaX || deltaY) / width);
    else return;
    event.preventDefault();
  };
  const text = selected ? describeFrame(selected, view, changeUnit.value) : flameHint;
  return (
    <>
      <div class="stacks">
        <div class="flames">
          <StackControls view={view} matches={describeMatches(scene)} hasOrder />
          {/* The minimap appears under the pointer, so the wheel continues to work on it. */}
          <div class="zoomable" onWheel={onWheel}>
            <ZoomBar scene={scene} />
            {view.nodes.length === 0 && <EmptyStacks view={view} />}
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move between the frames of the image */}
            <div class="canvas" role="img" tabIndex={0} aria-label={`Flame graph. ${text}`} onKeyDown={onKeyDown}>
              <canvas
                ref={canvas}
                id="flames"
                onClick={(event) => select(frameUnder(scene, event))}
                onDblClick={(event) => zoomToFrame(frameUnder(scene, event))}
                onPointerMove={(event) => {
                  const frame = frameUnder(scene, event);
                  event.currentTarget.title = frame ? describeFrame(frame, view, changeUnit.value) : '';
                }}
              />
            </div>
          </div>
          <p class="hint" role="status">
            {text}
          </p>
        </div>
        <FunctionPanel view={view} />
      </div>
      <ComparisonTable view={view} />
    </>
  );
}

const flameHint =
  'Select a frame, or move with the arrow keys. Enter or double-click zooms in, Escape zooms out, Ctrl+wheel or + and − zoom in steps, O opens the source. Widths are CPU time.';

function sceneOf(snapshot: Snapshot, view: StackView): FlameScene {
  const layout = layOutFlames(view);
  const { totalNs, comparison, timeColumns } = view;
  const zoomed = layout.byPath.get(zoomedPath.value ?? '');
  const search = searchText.value.trim().toLowerCase();
  const unit = changeUnit.value;
  const colorOf = functionColors(snapshot);
  const changeLabelOf = ({ before, totalNs: frameNs }: Frame): string => {
    const totals = { beforeNs: comparison?.beforeNs ?? 0, totalNs };
    return formatChange(changeOf(unit, before?.totalNs ?? 0, frameNs, totals)).replace(' points', '');
  };
  return {
    layout,
    totalNs,
    theme: theme.value,
    fillOf: comparison
      ? (frame) => fillOfChange(frame, { beforeNs: comparison.beforeNs, totalNs })
      : ({ called }) => ({ color: colorOf(called), opacity: 1 }),
    labelOf: comparison ? (frame) => `${changeLabelOf(frame)} ${labelOf(frame)}` : labelOf,
    signOf: comparison && ((frame) => changeLabelOf(frame).slice(0, 1)),
    extent: extentOf(totalNs, zoomed),
    zoomed,
    selected: layout.byPath.get(selectedPath.value ?? '') ?? largestFrameOf(layout, selectedFunction.value),
    isMatch: search === '' ? undefined : (frame) => labelOf(frame).toLowerCase().includes(search),
    ticks: (timeColumns?.columns ?? []).map(({ startNs, offsetNs }) => ({ offsetNs, label: clock(startNs) })),
  };
}

/** Opacity by the change of the share in percentage points, the largest change first. */
const strengths: readonly (readonly [points: number, opacity: number])[] = [
  [5, 1],
  [1, 0.5],
  [0.05, 0.25],
];

/** Returns red for a larger share than before, blue for a smaller one, grey for the same. The label has the sign. */
function fillOfChange(
  { before, totalNs: frameNs }: Frame,
  totals: { readonly beforeNs: number; readonly totalNs: number },
): FrameFill {
  const { amount } = changeOf('share', before?.totalNs ?? 0, frameNs, totals);
  const [, opacity] = strengths.find(([points]) => Math.abs(amount) >= points) ?? [];
  if (opacity === undefined) return { color: 'grey', opacity: 0.25 };
  return { color: amount > 0 ? 'red' : 'blue', opacity };
}

/** Paints the scene whenever it or the size of the canvas changes. */
function usePainting(canvas: RefObject<HTMLCanvasElement | null>, scene: FlameScene): void {
  const latestScene = useRef(scene);
  latestScene.current = scene;
  useLayoutEffect(() => {
    if (canvas.current) paintFlames(canvas.current, scene);
  });
  useLayoutEffect(() => {
    if (!canvas.current) return undefined;
    // A canvas keeps its pixels when it is resized, so repaint it without waiting for the next state.
    const observer = new ResizeObserver(() => canvas.current && paintFlames(canvas.current, latestScene.current));
    observer.observe(canvas.current);
    return () => observer.disconnect();
  }, [canvas]);
}

function frameUnder(scene: FlameScene, event: MouseEvent): Frame | undefined {
  const { clientWidth } = event.currentTarget as HTMLCanvasElement;
  return frameAt(scene, clientWidth, event.offsetX, event.offsetY);
}

/** Scrolls to a frame, and zooms out if it is outside of the shown part. */
function showFrame(canvas: RefObject<HTMLCanvasElement | null>, scene: FlameScene, frame: Frame): void {
  const { extent } = scene;
  const isOutside = frame.startNs >= extent.endNs || frame.startNs + frame.totalNs <= extent.startNs;
  if (isOutside) zoomToFrame(frame.above);
  const scroller = canvas.current?.parentElement;
  if (!scroller) return;
  const [top, bottom] = [topOf(scene, frame.depth), topOf(scene, frame.depth + 1)];
  if (top < scroller.scrollTop) scroller.scrollTop = top - 4;
  else if (bottom > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = bottom + 4 - scroller.clientHeight;
}

/** Returns the number and the share of the frames that the search has found. A frame below another one counts once. */
function describeMatches({ layout, isMatch, totalNs }: FlameScene): string | undefined {
  if (!isMatch) return undefined;
  let [count, foundNs] = [0, 0];
  const isInside = new Set<FlameLayout['frames'][number]>();
  for (const frame of layout.frames) {
    const matches = isMatch(frame);
    const isBelowMatch = frame.above !== undefined && isInside.has(frame.above);
    if (matches || isBelowMatch) isInside.add(frame);
    if (!matches) continue;
    count++;
    if (!isBelowMatch) foundNs += frame.totalNs;
  }
  if (count === 0) return 'No matches';
  return `${count} ${count === 1 ? 'match' : 'matches'}, ~${percent(foundNs / Math.max(1, totalNs))}`;
}

function openSource(frame: Frame | undefined): void {
  const { file, line } = frame?.called ?? {};
  if (file !== undefined) post({ type: 'reveal', file, line: line ?? 1 });
}
