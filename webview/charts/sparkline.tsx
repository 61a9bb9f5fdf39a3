/** Small pictures of one series: a line for a tile, a strip of heat for a component. */
import { duration } from '../../src/core/format.ts';
import type { Series } from '../../src/protocol/snapshot.ts';
import type { Color } from '../colors.ts';
import { joinNs, latest, pointsOf, type TimeWindow } from '../time-window.ts';

/** Units of the drawing; it is stretched to its place. */
const width = 100;
const height = 20;

/** A line from zero up to its own highest value: calm where the series is. The number beside it says what it shows. */
export function Spark({ series, window, color }: Picture & { readonly color: Color }) {
  const points = pointsOf(series, window);
  const most = Math.max(...points.map(({ y }) => y), Number.MIN_VALUE);
  const reach = window.endNs - window.startNs;
  let path = '';
  let before = Number.NEGATIVE_INFINITY;
  for (const { x, y } of points) {
    const place = `${fixed(((x - window.startNs) / reach) * width)} ${fixed(height - 1 - (y / most) * (height - 2))}`;
    // A point of no length is drawn as a dot.
    path += x - before <= joinNs ? `L${place}` : `M${place}h0`;
    before = x;
  }
  return (
    <svg class={`spark ${color}`} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={path} vector-effect="non-scaling-stroke" />
    </svg>
  );
}

function fixed(value: number): string {
  return value.toFixed(1);
}

interface Picture {
  readonly series: Series | undefined;
  readonly window: TimeWindow;
}

/** Shades of the strip, from faint to full. */
const shades = 6;

/** Each slot is a cell, the darker the slower against this component's own slowest: one path for each shade. */
export function Heat({ series, window }: Picture) {
  const points = pointsOf(series, window);
  const most = Math.max(...points.map(({ y }) => y), Number.MIN_VALUE);
  const cells = Math.round((window.endNs - window.startNs) / window.stepNs);
  const paths = Array.from({ length: shades }, () => '');
  for (const { x, y } of points) {
    const at = Math.round((x - window.startNs) / window.stepNs) - 1;
    const shade = Math.min(shades - 1, Math.floor((y / most) * shades));
    paths[shade] += `M${at} 0h.86v1h-.86z`;
  }
  const label =
    points.length === 0
      ? 'No latency known yet'
      : `p95 latency over time, now ${duration(latest(series, window))}, slowest ${duration(most)}`;
  return (
    <svg class="heat" viewBox={`0 0 ${cells} 1`} preserveAspectRatio="none" role="img" aria-label={label}>
      <title>{label}</title>
      {paths.map((path, shade) => (
        <path key={`${shade + 1}`} class={`shade${shade + 1}`} d={path} />
      ))}
    </svg>
  );
}
