/** Timeline of individual calls, with a band for each process or thread. Only the slowest calls are kept. */
import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { duration } from '../../src/core/format.ts';
import { plural } from '../../src/protocol/plural.ts';
import type { Snapshot, SpanState } from '../../src/protocol/snapshot.ts';
import { paintTimeline, spanAt, type TimelineScene } from '../charts/timeline-canvas.ts';
import { layOutLanes } from '../charts/timeline-lanes.ts';
import { componentColor } from '../component-colors.ts';
import { post } from '../host.ts';
import { theme } from '../theme.ts';
import { formatMoment, showsWholeRun, type TimeWindow } from '../time-window.ts';
import { range } from '../ui-state.ts';
import { ColorSwatch } from './tables/table-cells.tsx';

/** Key of the span under the pointer. Span objects are new in every state, so they cannot be compared by identity. */
const pointedSpanKey = signal<string | undefined>(undefined);

interface TimelineProps {
  readonly snapshot: Snapshot;
  readonly window: TimeWindow;
}

export function Timeline({ snapshot, window }: TimelineProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const lanes = layOutLanes(snapshot.spans, window.startNs, window.endNs);
  const spans = lanes.placedSpans.map(({ span }) => span);
  const selectedIndex = spans.findIndex((span) => keyOf(span) === pointedSpanKey.value);
  const selected = spans[selectedIndex];
  const scene: TimelineScene = {
    lanes,
    window,
    theme: theme.value,
    labelOf: (source) => snapshot.processes.find((process) => process.source === source)?.name ?? source,
    colorOf: (component) => componentColor(snapshot, component),
    selected,
  };
  useLayoutEffect(() => {
    if (canvas.current) paintTimeline(canvas.current, scene);
  });
  useLayoutEffect(() => {
    if (!canvas.current) return undefined;
    // A canvas keeps its pixels when it is resized, so repaint it without waiting for the next state.
    const observer = new ResizeObserver(() => {
      const element = canvas.current;
      if (!element || Math.round(element.clientWidth * devicePixelRatio) === element.width) return;
      paintTimeline(element, latestScene.current);
    });
    observer.observe(canvas.current);
    return () => observer.disconnect();
  }, [spans.length === 0]);
  const latestScene = useRef(scene);
  latestScene.current = scene;

  if (spans.length === 0) return <EmptyTimeline isLive={window.isLive} />;
  const text = selected
    ? describeSpan(selected, window)
    : `${plural(spans.length, 'call')}. Point at a call or use the arrow keys to see its details.`;
  const clearSelection = () => {
    pointedSpanKey.value = undefined;
  };
  const open = () => {
    const location = selected && findLocation(selected, snapshot);
    if (location) post({ type: 'reveal', ...location });
  };
  const components = [...new Set(spans.map(({ component }) => component))];
  return (
    <div class="timeline">
      <ul class="legend">
        {components.map((component) => (
          <li key={component}>
            <ColorSwatch color={componentColor(snapshot, component)} />
            <span class="label">{component}</span>
          </li>
        ))}
        <li>
          <ColorSwatch color="red" /> <span class="label">error</span>
        </li>
      </ul>
      <p class="hint">
        {text}
        {snapshot.dropped.spans > 0 && ` · ${plural(snapshot.dropped.spans, 'faster call')} not recorded`}
      </p>
      <div class="canvas">
        <canvas ref={canvas} id="timeline" role="img" aria-label={`Timeline of ${plural(spans.length, 'call')}`} />
        <input
          type="range"
          min={0}
          max={spans.length - 1}
          value={selectedIndex < 0 ? spans.length - 1 : selectedIndex}
          aria-label="Call in the timeline"
          aria-valuetext={text}
          onInput={(event) => {
            const span = spans[Number(event.currentTarget.value)];
            pointedSpanKey.value = span && keyOf(span);
          }}
          onPointerMove={(event) => {
            const span = spanAt(scene, canvas.current?.clientWidth ?? 0, event.offsetX, event.offsetY);
            pointedSpanKey.value = span && keyOf(span);
          }}
          // Without this, the slider would jump to the position of the click.
          onPointerDown={(event) => event.preventDefault()}
          onPointerLeave={clearSelection}
          onBlur={clearSelection}
          onClick={open}
          onKeyDown={(event) => {
            if (event.key === 'Escape') clearSelection();
            if (event.key === 'Enter') open();
          }}
        />
      </div>
    </div>
  );
}

function EmptyTimeline({ isLive }: { readonly isLive: boolean }) {
  const hint = showsWholeRun(range.value, isLive) ? '' : ' Select “Whole run” to see earlier calls.';
  return <p class="hint">No calls recorded in this time range.{hint}</p>;
}

function keyOf({ source, name, startNs }: SpanState): string {
  return `${source}\0${name}\0${startNs}`;
}

function describeSpan({ name, component, startNs, durationNs, error, attributes = {} }: SpanState, window: TimeWindow) {
  const details = Object.entries(attributes).map(([key, value]) => `${key} ${value}`);
  const parts = [name, component, duration(durationNs), `at ${formatMoment(startNs, window)}`, ...details];
  return [...parts, ...(error === undefined ? [] : [`error ${error}`])].join(' · ');
}

/** Returns the file that the call processed, or the source location of the called operation. */
function findLocation({ attributes = {}, component, name }: SpanState, { operations }: Snapshot) {
  const { file } = attributes;
  if (typeof file === 'string') return { file, line: 1 };
  const operation = operations.find((entry) => entry.component === component && entry.name === name);
  if (operation?.file === undefined) return undefined;
  return { file: operation.file, line: operation.line ?? 1 };
}
