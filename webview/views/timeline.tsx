/** Single calls as they happened, a band for each process or thread; the slowest are kept, the rest is counted. */
import { signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { duration, whole } from '../../src/core/format.ts';
import type { Snapshot, SpanState } from '../../src/protocol/snapshot.ts';
import { colorOf } from '../charts/charts.ts';
import { paint, type Scene, spanAt } from '../charts/timeline-canvas.ts';
import { lanesOf } from '../charts/timeline-lanes.ts';
import { post } from '../host.ts';
import { theme } from '../theme.ts';
import { moment, type TimeWindow } from '../time-window.ts';
import { Block } from './tables/table-cells.tsx';

/** The span pointed at; spans are made anew with each state, so it is known by where it stands. */
const pointed = signal<string | undefined>(undefined);

interface TimelineProps {
  readonly snapshot: Snapshot;
  readonly window: TimeWindow;
}

export function Timeline({ snapshot, window }: TimelineProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const lanes = lanesOf(snapshot.spans, window.startNs, window.endNs);
  const spans = lanes.placed.map(({ span }) => span);
  const at = spans.findIndex((span) => keyOf(span) === pointed.value);
  const selected = spans[at];
  const scene: Scene = {
    lanes,
    window,
    theme: theme.value,
    labelOf: (source) => snapshot.processes.find((process) => process.source === source)?.name ?? source,
    colorOf: (component) => colorOf(snapshot, component),
    selected,
  };
  useLayoutEffect(() => {
    if (canvas.current) paint(canvas.current, scene);
  });
  useLayoutEffect(() => {
    if (!canvas.current) return undefined;
    // A canvas keeps its pixels when its place changes: it is painted anew by the next state, and now.
    const observer = new ResizeObserver(() => {
      const place = canvas.current;
      if (place && Math.round(place.clientWidth * devicePixelRatio) !== place.width) paint(place, sceneNow.current);
    });
    observer.observe(canvas.current);
    return () => observer.disconnect();
  }, [spans.length === 0]);
  const sceneNow = useRef(scene);
  sceneNow.current = scene;

  if (spans.length === 0) return <p class="hint">No single calls have been kept for this stretch of time.</p>;
  const text = selected ? described(selected, window) : `${whole(spans.length)} calls; point at one, or use arrow keys`;
  const away = () => {
    pointed.value = undefined;
  };
  const open = () => {
    const place = selected && placeOf(selected, snapshot);
    if (place) post({ type: 'reveal', ...place });
  };
  const components = [...new Set(spans.map(({ component }) => component))];
  return (
    <div class="timeline">
      <ul class="legend">
        {components.map((component) => (
          <li key={component}>
            <Block color={colorOf(snapshot, component)} />
            <span class="label">{component}</span>
          </li>
        ))}
        <li>
          <Block color="red" /> <span class="label">error</span>
        </li>
      </ul>
      <p class="hint">
        {text}
        {snapshot.dropped.spans > 0 && ` · ${whole(snapshot.dropped.spans)} faster calls left out`}
      </p>
      <div class="canvas">
        <canvas ref={canvas} id="timeline" role="img" aria-label={`Timeline of ${whole(spans.length)} calls`} />
        <input
          type="range"
          min={0}
          max={spans.length - 1}
          value={at < 0 ? spans.length - 1 : at}
          aria-label="Call in the timeline"
          aria-valuetext={text}
          onInput={(event) => {
            const span = spans[Number(event.currentTarget.value)];
            pointed.value = span && keyOf(span);
          }}
          onPointerMove={(event) => {
            const span = spanAt(scene, canvas.current?.clientWidth ?? 0, event.offsetX, event.offsetY);
            pointed.value = span && keyOf(span);
          }}
          // A slider would jump to where it is pressed.
          onPointerDown={(event) => event.preventDefault()}
          onPointerLeave={away}
          onBlur={away}
          onClick={open}
          onKeyDown={(event) => {
            if (event.key === 'Escape') away();
            if (event.key === 'Enter') open();
          }}
        />
      </div>
    </div>
  );
}

function keyOf({ source, name, startNs }: SpanState): string {
  return `${source}\0${name}\0${startNs}`;
}

function described({ name, component, startNs, durationNs, error, attributes = {} }: SpanState, window: TimeWindow) {
  const details = Object.entries(attributes).map(([key, value]) => `${key} ${value}`);
  const parts = [name, component, duration(durationNs), `at ${moment(startNs, window)}`, ...details];
  return [...parts, ...(error === undefined ? [] : [`error ${error}`])].join(' · ');
}

/** The file that the call worked on, else the function that it is a call of. */
function placeOf({ attributes = {}, component, name }: SpanState, { operations }: Snapshot) {
  const { file: worked } = attributes;
  if (typeof worked === 'string') return { file: worked, line: 1 };
  const operation = operations.find((entry) => entry.component === component && entry.name === name);
  if (operation?.file === undefined) return undefined;
  return { file: operation.file, line: operation.line ?? 1 };
}
