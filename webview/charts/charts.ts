/** Table of the overview charts. All share one time axis; the unit of a line is the unit of its value axis. */

import { codeSeriesKey } from '../../src/protocol/code-times.ts';
import type { PanelState } from '../../src/protocol/panel/panel-message.ts';
import type { ComponentState, Snapshot, Unit } from '../../src/protocol/snapshot.ts';
import { type Color, colors } from '../colors.ts';
import { codeColors, componentColor } from '../component-colors.ts';

export interface ChartLine {
  readonly label: string;
  /** Key of the series in the snapshot. */
  readonly series: string;
  readonly color: Color;
  /** Lengths of strokes and gaps in pixels; empty for a solid line. */
  readonly dash: readonly number[];
  readonly axis: 'left' | 'right';
}

export interface ChartAxis {
  readonly unit: Unit;
  /** Smallest upper end of the axis, or its exact end if `isFixed`. */
  readonly max: number;
  readonly isFixed?: true;
}

/** `code`: a run of which it is known where its CPU time goes. `stages`: any other run, such as that of a built-in pipeline. */
type ChartSubject = 'code' | 'stages';

export interface Chart {
  readonly id: string;
  readonly title: string;
  /** Runs for which the chart is drawn; all if absent. */
  readonly subject?: ChartSubject;
  /** Draws the lines as areas on top of each other. */
  readonly isStacked?: true;
  /** Present if blocks of the event loop are marked. */
  readonly marksBlocks?: true;
  readonly left: ChartAxis;
  readonly right?: ChartAxis;
  readonly lines: (snapshot: Snapshot) => readonly ChartLine[];
  readonly threshold?: (budgets: PanelState['budgets']) => { readonly label: string; readonly value: number };
}

/** Patterns that distinguish lines without relying on color. */
const dashPatterns: readonly (readonly number[])[] = [[], [6, 2], [2, 2], [8, 2, 2, 2], [12, 3], [4, 4]];

export const charts: readonly Chart[] = [
  {
    id: 'cpu',
    title: 'CPU time by component',
    subject: 'code',
    isStacked: true,
    left: { unit: 'ratio', max: 1 },
    lines: (snapshot) => codeLines(snapshot),
  },
  {
    id: 'loop',
    title: 'Event-loop delay',
    marksBlocks: true,
    subject: 'code',
    left: { unit: 'ns', max: 1e6 },
    lines: (snapshot) =>
      linesWithData(snapshot, [
        { label: 'longest delay', series: 'process.eventLoopDelay', color: 'red', dash: [], axis: 'left' },
      ]),
  },
  {
    id: 'throughput',
    title: 'Throughput',
    left: { unit: '1/s', max: 1 },
    right: { unit: '1/s', max: 1 },
    // There are far more calls than files, so every counter after the first uses the right axis.
    lines: (snapshot) =>
      linePerScope(snapshot, 'counter.rate').map((line, index) => ({
        ...line,
        label: `${line.label}/s`,
        axis: index === 0 ? 'left' : 'right',
      })),
  },
  {
    id: 'latency',
    title: 'Latency',
    left: { unit: 'ns', max: 1e3 },
    lines: (snapshot) =>
      linesWithData(snapshot, [
        { label: 'p50', series: 'latency.p50', color: 'blue', dash: [], axis: 'left' },
        { label: 'p95', series: 'latency.p95', color: 'purple', dash: [6, 2], axis: 'left' },
        { label: 'p99', series: 'latency.p99', color: 'orange', dash: [2, 2], axis: 'left' },
      ]),
    threshold: ({ slowNs }) => ({ label: 'slow', value: slowNs }),
  },
  {
    id: 'cache',
    title: 'Cache hit ratio',
    left: { unit: 'ratio', max: 1, isFixed: true },
    lines: (snapshot) =>
      linePerScope(snapshot, 'cache.hitRatio').filter(({ label }) => hasCount(snapshot, label, countLookups)),
  },
  {
    id: 'processor',
    title: 'CPU and event loop',
    marksBlocks: true,
    subject: 'stages',
    left: { unit: 'ratio', max: 1 },
    right: { unit: 'ns', max: 1e6 },
    lines: (snapshot) =>
      linesWithData(snapshot, [
        { label: 'CPU', series: 'process.cpu', color: 'yellow', dash: [], axis: 'left' },
        { label: 'garbage collector', series: 'process.gc', color: 'green', dash: [6, 2], axis: 'left' },
        { label: 'event-loop delay', series: 'process.eventLoopDelay', color: 'red', dash: [2, 2], axis: 'right' },
      ]),
  },
  {
    id: 'errors',
    title: 'Error ratio',
    left: { unit: 'ratio', max: 0.01 },
    lines: (snapshot) =>
      linesWithData(snapshot, [
        { label: 'all operations', series: 'error.ratio', color: 'red', dash: [], axis: 'left' },
        ...linePerScope(snapshot, 'error.ratio').filter(({ label }) =>
          hasCount(snapshot, label, ({ errors }) => errors),
        ),
      ]),
  },
  {
    id: 'memory',
    title: 'Memory',
    left: { unit: 'bytes', max: 1e6 },
    lines: (snapshot) =>
      linesWithData(snapshot, [
        { label: 'process tree', series: 'process.rss', color: 'orange', dash: [], axis: 'left' },
        { label: 'heap', series: 'process.heap', color: 'purple', dash: [6, 2], axis: 'left' },
      ]),
  },
  {
    id: 'io',
    title: 'I/O',
    left: { unit: 'bytes/s', max: 1e3 },
    lines: (snapshot) =>
      linesWithData(snapshot, [
        { label: 'read', series: 'process.read', color: 'blue', dash: [], axis: 'left' },
        { label: 'written', series: 'process.written', color: 'green', dash: [6, 2], axis: 'left' },
      ]),
  },
];

/** Time after which a run that has no data for a chart is expected to have none later. */
const emptyAfterNs = 5e9;

/** Returns true if a run has values for one of the series, or may still have some. */
export function mayHaveData({ run, series: all }: Snapshot, series: readonly string[]): boolean {
  if (run.result === 'running' && run.durationNs < emptyAfterNs) return true;
  return series.some((key) => all[key]?.values.some((value) => value !== null));
}

/** Returns the charts that are worth drawing for a run. */
export function chartsOf(snapshot: Snapshot): readonly Chart[] {
  const current: ChartSubject = snapshot.code ? 'code' : 'stages';
  return charts.filter(({ subject, lines }) => {
    const keys = lines(snapshot).map(({ series }) => series);
    return (subject ?? current) === current && mayHaveData(snapshot, keys);
  });
}

/** Returns one line for each group of code, the largest first. */
function codeLines(snapshot: Snapshot): readonly ChartLine[] {
  const { code } = snapshot;
  if (!code) return [];
  const groupColors = codeColors(code);
  const lines = code.groups.map((group, index): ChartLine => {
    const dash = dashPatterns[index % dashPatterns.length] ?? [];
    const color = groupColors.get(group) ?? 'grey';
    return { label: group.name, series: codeSeriesKey(group), color, dash, axis: 'left' };
  });
  return linesWithData(snapshot, lines);
}

/** Returns one line for each component or counter that has this metric. */
function linePerScope(snapshot: Snapshot, metric: string): ChartLine[] {
  const entries = Object.entries(snapshot.series).filter(([, series]) => series.metric === metric && series.scope);
  return entries.map(([key, { scope = '' }], index) => {
    const isComponent = snapshot.components.some(({ name }) => name === scope);
    const color = isComponent ? componentColor(snapshot, scope) : (colors[index % colors.length] ?? 'blue');
    return { label: scope, series: key, color, dash: dashPatterns[index % dashPatterns.length] ?? [], axis: 'left' };
  });
}

function linesWithData({ series: allSeries }: Snapshot, lines: readonly ChartLine[]): readonly ChartLine[] {
  return lines.filter(({ series }) => allSeries[series]?.values.some((value) => value !== null));
}

/** Returns true if the component has a count above zero. Without one, its ratio line would be meaningless. */
function hasCount(snapshot: Snapshot, component: string, count: (state: ComponentState) => number): boolean {
  return snapshot.components.some((state) => state.name === component && count(state) > 0);
}

function countLookups({ cacheHits, cacheMisses }: ComponentState): number {
  return cacheHits + cacheMisses;
}
