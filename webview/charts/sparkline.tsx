/** Small charts of one series: a line for a tile and a heat strip for a component. */
import { duration } from '../../src/core/format.ts';
import type { Series } from '../../src/protocol/snapshot.ts';
import type { Color } from '../colors.ts';
import { latestValue, maxJoinGapNs, pointsInWindow, type TimeWindow } from '../time-window.ts';

/** Size of the view box; the SVG is stretched to its container. */
const width = 100;
const height = 20;

/** Draws a line scaled from zero to the maximum of the series. The tile shows the value as text. */
export function Sparkline({ series, window, color }: SeriesProps & { readonly color: Color }) {
  const points = pointsInWindow(series, window);
  const max = Math.max(...points.map(({ y }) => y), Number.MIN_VALUE);
  const windowNs = window.endNs - window.startNs;
  const maxGapNs = maxJoinGapNs(series ?? window);
  let path = '';
  let previousX = Number.NEGATIVE_INFINITY;
  for (const { x, y } of points) {
    const left = (((x - window.startNs) / windowNs) * width).toFixed(1);
    const top = (height - 1 - (y / max) * (height - 2)).toFixed(1);
    // A line of length zero is drawn as a dot.
    path += x - previousX <= maxGapNs ? `L${left} ${top}` : `M${left} ${top}h0`;
    previousX = x;
  }
  return (
    <svg class={`spark ${color}`} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={path} vector-effect="non-scaling-stroke" />
    </svg>
  );
}

interface SeriesProps {
  readonly series: Series | undefined;
  readonly window: TimeWindow;
}

/** Number of shades in the heat strip, from light to dark. */
const shades = 6;

/**
 * Draws one cell per slot, shaded by its latency relative to the slowest slot of the component. Each shade is one path,
 * to keep the number of elements small.
 */
export function HeatStrip({ series, window }: SeriesProps) {
  const points = pointsInWindow(series, window);
  const max = Math.max(...points.map(({ y }) => y), Number.MIN_VALUE);
  const cells = Math.round((window.endNs - window.startNs) / window.stepNs);
  const paths = Array.from({ length: shades }, () => '');
  for (const { x, y } of points) {
    const cell = Math.round((x - window.startNs) / window.stepNs) - 1;
    const shade = Math.min(shades - 1, Math.floor((y / max) * shades));
    paths[shade] += `M${cell} 0h.86v1h-.86z`;
  }
  const label =
    points.length === 0
      ? 'No latency data yet'
      : `p95 latency over time: now ${duration(latestValue(series, window))}, slowest ${duration(max)}`;
  return (
    <svg class="heat" viewBox={`0 0 ${cells} 1`} preserveAspectRatio="none" role="img" aria-label={label}>
      <title>{label}</title>
      {paths.map((path, shade) => (
        <path key={`${shade + 1}`} class={`shade${shade + 1}`} d={path} />
      ))}
    </svg>
  );
}
