/** A chart card: title, legend with current values, canvas with a keyboard cursor, and a table of its values. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { quantity } from '../../src/core/format.ts';
import type { PanelState } from '../../src/protocol/panel/panel-message.ts';
import type { Snapshot, Unit } from '../../src/protocol/snapshot.ts';
import { theme } from '../theme.ts';
import { formatMoment, latestValue, slotEnds, type TimeWindow, valueAt } from '../time-window.ts';
import { cursor, idsShownAsTable } from '../ui-state.ts';
import { showBlock } from '../views/show-block.ts';
import { TableSwitch } from '../views/table-switch.tsx';
import { ChartTable } from '../views/tables/chart-table.tsx';
import type { TableColumn } from '../views/tables/data-table.tsx';
import { ColorSwatch } from '../views/tables/table-cells.tsx';
import { describeMark, markBefore, marksOf } from './block-marks.ts';
import type { Chart, ChartLine } from './charts.ts';
import { Plot, type PlotInput } from './plot.ts';

interface ChartCardProps {
  readonly chart: Chart;
  readonly snapshot: Snapshot;
  readonly window: TimeWindow;
  readonly budgets: PanelState['budgets'];
}

export function ChartCard({ chart, snapshot, window, budgets }: ChartCardProps) {
  const lines = chart.lines(snapshot);
  const input = { chart, lines, snapshot, window, theme: theme.value, threshold: chart.threshold?.(budgets) };
  const isTable = idsShownAsTable.value.includes(chart.id);
  return (
    <section class="card chart" aria-labelledby={`${chart.id}-title`}>
      <div class="head">
        <h2 id={`${chart.id}-title`}>{chart.title}</h2>
        <TableSwitch id={chart.id} title={chart.title} />
      </div>
      <Legend input={input} />
      {isTable ? <SeriesTable input={input} /> : <PlotCanvas input={input} />}
    </section>
  );
}

function unitOf(chart: Chart, line: ChartLine): Unit {
  return (line.axis === 'right' ? chart.right : undefined)?.unit ?? chart.left.unit;
}

interface PlotProps {
  readonly input: PlotInput;
}

/** Shows the values at the cursor, or the current values if there is no cursor. */
function Legend({ input: { chart, lines, snapshot, window, threshold } }: PlotProps) {
  const time = cursor.value;
  return (
    <ul class="legend">
      {lines.map((line) => {
        const series = snapshot.series[line.series];
        const value = time === undefined ? latestValue(series, window) : valueAt(series, time);
        return (
          <li key={line.series}>
            {chart.isStacked ? <ColorSwatch color={line.color} /> : <Swatch line={line} />}
            <span class="label">{line.label}</span> <b>{quantity(value, unitOf(chart, line))}</b>
          </li>
        );
      })}
      {threshold && (
        <li>
          <svg class="swatch yellow" viewBox="0 0 16 4" aria-hidden="true">
            <path d="M0 2h16" stroke-dasharray="4 3" />
          </svg>
          <span class="label">{threshold.label}</span> {quantity(threshold.value, chart.left.unit)}
        </li>
      )}
      {time !== undefined && <li class="moment">{formatMoment(time, window)}</li>}
    </ul>
  );
}

function Swatch({ line: { color, dash } }: { readonly line: ChartLine }) {
  return (
    <svg class={`swatch ${color}`} viewBox="0 0 16 4" aria-hidden="true">
      <path d="M0 2h16" stroke-dasharray={dash.join(' ')} />
    </svg>
  );
}

/**
 * The canvas under an invisible slider. The slider moves the cursor by pointer and by keyboard, and makes screen readers
 * read the values at each step.
 */
function PlotCanvas({ input }: PlotProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const plot = useRef<Plot>(null);
  const { chart, window } = input;
  const { startNs, endNs, stepNs } = window;
  const time = cursor.value;
  const marks = marksOf(chart, input.snapshot, window);

  useLayoutEffect(() => {
    if (!canvas.current) return undefined;
    const newPlot = new Plot(canvas.current);
    plot.current = newPlot;
    return () => newPlot.destroy();
  }, []);
  useLayoutEffect(() => plot.current?.draw(input, time));

  const clearCursor = () => {
    cursor.value = undefined;
  };
  return (
    <div class="canvas">
      <canvas ref={canvas} id={`chart-${chart.id}`} role="img" aria-label={describeChart(input)} />
      <input
        type="range"
        min={1}
        max={Math.round((endNs - startNs) / stepNs)}
        value={Math.round(((time ?? endNs) - startNs) / stepNs)}
        aria-label={`Time in ${chart.title}`}
        aria-valuetext={describeValuesAt(input, time ?? endNs)}
        onInput={(event) => {
          cursor.value = startNs + Number(event.currentTarget.value) * stepNs;
        }}
        onPointerMove={(event) => {
          cursor.value = plot.current?.timeAt(event.offsetX);
        }}
        onPointerLeave={clearCursor}
        onBlur={clearCursor}
        onClick={(event) => {
          const block = plot.current?.markAt(event.offsetX);
          if (block) showBlock(block);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') clearCursor();
          const block = event.key === 'Enter' ? markBefore(marks, time ?? endNs, stepNs) : undefined;
          if (block) showBlock(block);
        }}
      />
    </div>
  );
}

function describeChart({ chart, lines, snapshot, window, threshold }: PlotInput): string {
  const values = lines.map(
    (line) => `${line.label} ${quantity(latestValue(snapshot.series[line.series], window), unitOf(chart, line))}`,
  );
  const limit = threshold ? `; ${threshold.label} above ${quantity(threshold.value, chart.left.unit)}` : '';
  return `${chart.title} over time: ${values.join(', ') || 'no data yet'}${limit}`;
}

function describeValuesAt({ chart, lines, snapshot, window }: PlotInput, time: number): string {
  const values = lines.map(
    (line) => `${line.label} ${quantity(valueAt(snapshot.series[line.series], time), unitOf(chart, line))}`,
  );
  const block = markBefore(marksOf(chart, snapshot, window), time, window.stepNs);
  const mark = block ? [`${describeMark(block, snapshot)}, press Enter to show its stack`] : [];
  return `${formatMoment(time, window)}: ${[...values, ...mark].join(', ') || 'no data yet'}`;
}

/** Table of the values behind the lines, newest first. */
function SeriesTable({ input: { chart, lines, snapshot, window } }: PlotProps) {
  const columns: readonly TableColumn<number>[] = [
    { id: 'time', title: 'time', cell: (timeNs) => formatMoment(timeNs, window) },
    ...lines.map((line) => ({
      id: line.series,
      title: line.label,
      cell: (timeNs: number) => quantity(valueAt(snapshot.series[line.series], timeNs), unitOf(chart, line)),
    })),
  ];
  return (
    <ChartTable
      id={chart.id}
      label={`Values of ${chart.title}`}
      columns={columns}
      rows={slotEnds(window).reverse()}
      rowKey={(timeNs) => timeNs}
    />
  );
}
