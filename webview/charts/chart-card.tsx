/** A chart with what belongs to it: title, legend with current values, canvas with a keyboard cursor, and its table. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { quantity } from '../../src/core/format.ts';
import type { PanelState } from '../../src/protocol/panel-message.ts';
import type { Snapshot, Unit } from '../../src/protocol/snapshot.ts';
import { theme } from '../theme.ts';
import { latest, moment, momentsOf, type TimeWindow, valueAt } from '../time-window.ts';
import { asTable, cursor } from '../ui-state.ts';
import { TableSwitch } from '../views/table-switch.tsx';
import type { Chart, Line } from './charts.ts';
import { type Drawing, Plot } from './plot.ts';

export interface CardProps {
  readonly chart: Chart;
  readonly snapshot: Snapshot;
  readonly window: TimeWindow;
  readonly budgets: PanelState['budgets'];
}

export function ChartCard({ chart, snapshot, window, budgets }: CardProps) {
  const lines = chart.lines(snapshot);
  const drawing = { chart, lines, snapshot, window, theme: theme.value, threshold: chart.threshold?.(budgets) };
  const shownAsTable = asTable.value.includes(chart.id);
  return (
    <section class="card chart" aria-labelledby={`${chart.id}-title`}>
      <div class="head">
        <h2 id={`${chart.id}-title`}>{chart.title}</h2>
        <TableSwitch id={chart.id} title={chart.title} />
      </div>
      <Legend drawing={drawing} />
      {shownAsTable ? <ValueTable drawing={drawing} /> : <Canvas drawing={drawing} />}
    </section>
  );
}

/** The unit of a line's values. */
function unitOf(chart: Chart, line: Line): Unit {
  return (line.axis === 'right' ? chart.right : undefined)?.unit ?? chart.left.unit;
}

/** Values at the moment pointed at, else the current ones. */
function Legend({ drawing: { chart, lines, snapshot, window, threshold } }: { readonly drawing: Drawing }) {
  const time = cursor.value;
  return (
    <ul class="legend">
      {lines.map((line) => {
        const series = snapshot.series[line.series];
        const value = time === undefined ? latest(series, window) : valueAt(series, time);
        return (
          <li key={line.series}>
            <Swatch line={line} />
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
      {time !== undefined && <li class="moment">{moment(time, window)}</li>}
    </ul>
  );
}

function Swatch({ line: { color, dash } }: { readonly line: Line }) {
  return (
    <svg class={`swatch ${color}`} viewBox="0 0 16 4" aria-hidden="true">
      <path d="M0 2h16" stroke-dasharray={dash.join(' ')} />
    </svg>
  );
}

/**
 * The picture, and over it an unseen slider that moves the cursor: by pointer as by keys, and a screen reader says the
 * values at each step by itself.
 */
function Canvas({ drawing }: { readonly drawing: Drawing }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const plot = useRef<Plot>(null);
  const { chart, window } = drawing;
  const { startNs, endNs, stepNs } = window;
  const time = cursor.value;

  useLayoutEffect(() => {
    if (!canvas.current) return undefined;
    const made = new Plot(canvas.current);
    plot.current = made;
    return () => made.close();
  }, []);
  useLayoutEffect(() => plot.current?.draw(drawing, time));

  const away = () => {
    cursor.value = undefined;
  };
  return (
    <div class="canvas">
      <canvas ref={canvas} id={`chart-${chart.id}`} role="img" aria-label={spoken(drawing)} />
      <input
        type="range"
        min={1}
        max={Math.round((endNs - startNs) / stepNs)}
        value={Math.round(((time ?? endNs) - startNs) / stepNs)}
        aria-label={`Moment in ${chart.title}`}
        aria-valuetext={spokenAt(drawing, time ?? endNs)}
        onInput={(event) => {
          cursor.value = startNs + Number(event.currentTarget.value) * stepNs;
        }}
        onPointerMove={(event) => {
          cursor.value = plot.current?.timeAt(event.offsetX);
        }}
        onPointerLeave={away}
        onBlur={away}
        onKeyDown={(event) => {
          if (event.key === 'Escape') away();
        }}
      />
    </div>
  );
}

function spoken({ chart, lines, snapshot, window, threshold }: Drawing): string {
  const values = lines.map(
    (line) => `${line.label} ${quantity(latest(snapshot.series[line.series], window), unitOf(chart, line))}`,
  );
  const limit = threshold ? `; ${threshold.label} from ${quantity(threshold.value, chart.left.unit)}` : '';
  return `${chart.title} over time, now ${values.join(', ') || 'no data yet'}${limit}`;
}

function spokenAt({ chart, lines, snapshot, window }: Drawing, time: number): string {
  const values = lines.map(
    (line) => `${line.label} ${quantity(valueAt(snapshot.series[line.series], time), unitOf(chart, line))}`,
  );
  return `${moment(time, window)}: ${values.join(', ') || 'no data yet'}`;
}

/** What scrolls must be reachable by keyboard. */
const scrollable = { tabIndex: 0 } as const;

/** The data behind the lines, the newest first. */
function ValueTable({ drawing: { chart, lines, snapshot, window } }: { readonly drawing: Drawing }) {
  return (
    <section class="canvas values" {...scrollable} aria-label={`Values of ${chart.title}`}>
      <table id={`table-${chart.id}`}>
        <thead>
          <tr>
            <th scope="col">time</th>
            {lines.map(({ label, series }) => (
              <th scope="col" key={series}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {momentsOf(window)
            .reverse()
            .map((time) => (
              <tr key={time}>
                <th scope="row">{moment(time, window)}</th>
                {lines.map((line) => (
                  <td key={line.series}>
                    {quantity(valueAt(snapshot.series[line.series], time), unitOf(chart, line))}
                  </td>
                ))}
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  );
}
