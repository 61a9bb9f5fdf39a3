/** The charts of the overview: one row is one chart. All share one time axis; a value knows its unit from its axis. */
import type { PanelState } from '../../src/protocol/panel-message.ts';
import type { ComponentState, Snapshot, Unit } from '../../src/protocol/snapshot.ts';
import { type Color, colors } from '../colors.ts';

export interface Line {
  readonly label: string;
  /** Key of the series in the snapshot. */
  readonly series: string;
  readonly color: Color;
  /** Lengths of strokes and gaps in pixels; empty is a whole line. */
  readonly dash: readonly number[];
  readonly axis: 'left' | 'right';
}

export interface Axis {
  readonly unit: Unit;
  /** It reaches at least up to here, or ends here where it is `full`. */
  readonly reach: number;
  readonly full?: true;
}

export interface Chart {
  readonly id: string;
  readonly title: string;
  readonly left: Axis;
  readonly right?: Axis;
  readonly lines: (snapshot: Snapshot) => readonly Line[];
  readonly threshold?: (budgets: PanelState['budgets']) => { readonly label: string; readonly value: number };
}

/** Told apart without colour too. */
export const dashes: readonly (readonly number[])[] = [[], [6, 2], [2, 2], [8, 2, 2, 2], [12, 3], [4, 4]];

export const charts: readonly Chart[] = [
  {
    id: 'throughput',
    title: 'Throughput',
    left: { unit: '1/s', reach: 1 },
    right: { unit: '1/s', reach: 1 },
    // Calls outnumber files by far: each counter after the first is read on the right.
    lines: (snapshot) =>
      scoped(snapshot, 'counter.rate').map((line, at) => ({
        ...line,
        label: `${line.label}/s`,
        axis: at === 0 ? 'left' : 'right',
      })),
  },
  {
    id: 'latency',
    title: 'Latency',
    left: { unit: 'ns', reach: 1e3 },
    lines: (snapshot) =>
      present(snapshot, [
        { label: 'p50', series: 'latency.p50', color: 'blue', dash: [], axis: 'left' },
        { label: 'p95', series: 'latency.p95', color: 'purple', dash: [6, 2], axis: 'left' },
        { label: 'p99', series: 'latency.p99', color: 'orange', dash: [2, 2], axis: 'left' },
      ]),
    threshold: ({ slowNs }) => ({ label: 'slow', value: slowNs }),
  },
  {
    id: 'cache',
    title: 'Cache hit ratio',
    left: { unit: 'ratio', reach: 1, full: true },
    lines: (snapshot) => scoped(snapshot, 'cache.hitRatio').filter(({ label }) => has(snapshot, label, lookups)),
  },
  {
    id: 'processor',
    title: 'CPU and event loop',
    left: { unit: 'ratio', reach: 1 },
    right: { unit: 'ns', reach: 1e6 },
    lines: (snapshot) =>
      present(snapshot, [
        { label: 'CPU', series: 'process.cpu', color: 'yellow', dash: [], axis: 'left' },
        { label: 'garbage collector', series: 'process.gc', color: 'green', dash: [6, 2], axis: 'left' },
        { label: 'event-loop delay', series: 'process.eventLoopDelay', color: 'red', dash: [2, 2], axis: 'right' },
      ]),
  },
  {
    id: 'errors',
    title: 'Error ratio',
    left: { unit: 'ratio', reach: 0.01 },
    lines: (snapshot) =>
      present(snapshot, [
        { label: 'all operations', series: 'error.ratio', color: 'red', dash: [], axis: 'left' },
        ...scoped(snapshot, 'error.ratio').filter(({ label }) => has(snapshot, label, ({ errors }) => errors)),
      ]),
  },
  {
    id: 'memory',
    title: 'Memory',
    left: { unit: 'bytes', reach: 1e6 },
    lines: (snapshot) =>
      present(snapshot, [
        { label: 'process tree', series: 'process.rss', color: 'orange', dash: [], axis: 'left' },
        { label: 'heap', series: 'process.heap', color: 'purple', dash: [6, 2], axis: 'left' },
      ]),
  },
  {
    id: 'io',
    title: 'Input and output',
    left: { unit: 'bytes/s', reach: 1e3 },
    lines: (snapshot) =>
      present(snapshot, [
        { label: 'read', series: 'process.read', color: 'blue', dash: [], axis: 'left' },
        { label: 'written', series: 'process.written', color: 'green', dash: [6, 2], axis: 'left' },
      ]),
  },
];

/** A component has one colour wherever it is drawn. */
export function colorOf(snapshot: Snapshot, component: string): Color {
  const at = snapshot.components.findIndex(({ name }) => name === component);
  return colors[Math.max(0, at) % colors.length] ?? 'blue';
}

/** One line for each component or counter that has this metric. */
function scoped(snapshot: Snapshot, metric: string): Line[] {
  const found = Object.entries(snapshot.series).filter(([, series]) => series.metric === metric && series.scope);
  return found.map(([key, { scope = '' }], at) => {
    const isComponent = snapshot.components.some(({ name }) => name === scope);
    const color = isComponent ? colorOf(snapshot, scope) : (colors[at % colors.length] ?? 'blue');
    return { label: scope, series: key, color, dash: dashes[at % dashes.length] ?? [], axis: 'left' };
  });
}

/** Those of which anything was told. */
function present({ series: known }: Snapshot, lines: readonly Line[]): readonly Line[] {
  return lines.filter(({ series }) => known[series]?.values.some((value) => value !== null));
}

/** Whether a component has any of what is counted: without it, its line would say nothing. */
function has(snapshot: Snapshot, component: string, count: (state: ComponentState) => number): boolean {
  return snapshot.components.some((state) => state.name === component && count(state) > 0);
}

function lookups({ cacheHits, cacheMisses }: ComponentState): number {
  return cacheHits + cacheMisses;
}
