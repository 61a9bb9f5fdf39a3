/** Flame graph of the sampled call stacks. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { StackView } from '../../src/protocol/panel/stack-view.ts';
import type { Snapshot } from '../../src/protocol/snapshot.ts';
import { componentColor } from '../charts/charts.ts';
import { post } from '../host.ts';
import { theme } from '../theme.ts';
import { type FlameScene, frameAt, paintFlames } from './flame-canvas.ts';
import { type Frame, frameForKey, layOutFlames } from './flame-layout.ts';
import { describeFrame, labelOf } from './frame-text.ts';
import { FunctionPanel } from './function-panel.tsx';
import { StackControls } from './stack-controls.tsx';
import { searchText, selectedFunction, selectedPath, zoomedPath } from './stack-state.ts';

interface FlameGraphProps {
  readonly snapshot: Snapshot;
  readonly view: StackView;
}

export function FlameGraph({ snapshot, view }: FlameGraphProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const layout = layOutFlames(view);
  const selected = layout.byPath.get(selectedPath.value ?? '');
  const zoomed = layout.byPath.get(zoomedPath.value ?? '');
  const search = searchText.value.trim().toLowerCase();
  const scene: FlameScene = {
    layout,
    totalNs: view.totalNs,
    theme: theme.value,
    colorOf: ({ called }) => componentColor(snapshot, called.component),
    labelOf,
    zoomed,
    selected,
    isMatch: search === '' ? undefined : (frame) => labelOf(frame).toLowerCase().includes(search),
  };
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
  }, []);

  const select = (frame: Frame | undefined): void => {
    selectedPath.value = frame?.path;
    selectedFunction.value = frame?.called.id;
  };
  const zoom = (frame: Frame | undefined): void => {
    zoomedPath.value = frame?.path;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = frameForKey(layout, selected, event.key);
    if (next) select(next);
    else if (event.key === 'Enter') zoom(selected);
    else if (event.key === 'Escape' || event.key === 'Backspace') zoom(zoomed?.above);
    else if (event.key === 'o') openSource(selected);
    else return;
    event.preventDefault();
  };
  const text = selected ? describeFrame(selected, view) : flameHint;
  return (
    <div class="stacks">
      <div class="flames">
        <StackControls view={view} />
        <Breadcrumbs zoomed={zoomed} onZoom={zoom} />
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move between the frames of the image */}
        <div class="canvas" role="img" tabIndex={0} aria-label={`Flame graph. ${text}`} onKeyDown={onKeyDown}>
          <canvas
            ref={canvas}
            id="flames"
            onClick={(event) => select(frameAt(scene, event.currentTarget.clientWidth, event.offsetX, event.offsetY))}
            onDblClick={(event) => zoom(frameAt(scene, event.currentTarget.clientWidth, event.offsetX, event.offsetY))}
            onPointerMove={(event) => {
              const { currentTarget, offsetX, offsetY } = event;
              const frame = frameAt(scene, currentTarget.clientWidth, offsetX, offsetY);
              currentTarget.title = frame ? describeFrame(frame, view) : '';
            }}
          />
        </div>
        <p class="hint" role="status">
          {text}
        </p>
      </div>
      <FunctionPanel view={view} />
    </div>
  );
}

const flameHint =
  'Select a frame, or move with the arrow keys. Enter zooms in, Escape zooms out, O opens the source. Widths are CPU time.';

function openSource(frame: Frame | undefined): void {
  const { file, line } = frame?.called ?? {};
  if (file !== undefined) post({ type: 'reveal', file, line: line ?? 1 });
}

interface BreadcrumbsProps {
  readonly zoomed: Frame | undefined;
  readonly onZoom: (frame: Frame | undefined) => void;
}

/** The callers of the frame that has the full width, as the way back. */
function Breadcrumbs({ zoomed, onZoom }: BreadcrumbsProps) {
  if (!zoomed) return null;
  const callers: Frame[] = [];
  for (let frame: Frame | undefined = zoomed; frame; frame = frame.above) callers.unshift(frame);
  return (
    <nav class="breadcrumbs" aria-label="Zoom">
      <button type="button" class="quiet" onClick={() => onZoom(undefined)}>
        All
      </button>
      {callers.slice(-4).map((frame) => (
        <button
          type="button"
          class="quiet"
          key={frame.path}
          aria-current={frame === zoomed ? 'true' : undefined}
          onClick={() => onZoom(frame)}
        >
          {frame.called.name}
        </button>
      ))}
    </nav>
  );
}
