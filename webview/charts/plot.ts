/** One chart on its canvas: hands our lines to chart.js, which draws them without animation. */
import {
  type ChartDataset,
  Chart as ChartJs,
  type ChartOptions,
  LinearScale,
  LineController,
  LineElement,
  type Plugin,
  PointElement,
  type ScaleOptionsByType,
} from 'chart.js';
import { quantity } from '../../src/core/format.ts';
import type { Snapshot, Unit } from '../../src/protocol/snapshot.ts';
import type { Theme } from '../theme.ts';
import { joinNs, moment, type Point, pointsOf, type TimeWindow } from '../time-window.ts';
import type { Axis, Chart, Line } from './charts.ts';

ChartJs.register(LineController, LineElement, PointElement, LinearScale);

export interface Drawing {
  readonly chart: Chart;
  readonly lines: readonly Line[];
  readonly snapshot: Snapshot;
  readonly window: TimeWindow;
  readonly theme: Theme;
  readonly threshold?: { readonly label: string; readonly value: number } | undefined;
}

type Scale = DeepPartial<ScaleOptionsByType<'linear'>>;
type DeepPartial<T> = T extends (...parameters: never[]) => unknown ? T : { [K in keyof T]?: DeepPartial<T[K]> };
type LineChart = ChartJs<'line', Point[]>;

/** Pixels; equal in all charts, so that their time axes stand exactly below one another. */
const axisWidth = 60;

/** Of every chart of lines: nothing moves by itself, and what it is given is drawn as it is. */
export const still = {
  animation: false,
  parsing: false,
  normalized: true,
  responsive: true,
  maintainAspectRatio: false,
  events: [],
} satisfies ChartOptions<'line'>;

export class Plot {
  readonly #chart: LineChart;
  #drawing: Drawing | undefined;
  #cursorNs: number | undefined;

  constructor(canvas: HTMLCanvasElement) {
    const marks: Plugin<'line'> = {
      id: 'marks',
      beforeDatasetsDraw: () => this.#drawThreshold(),
      afterDatasetsDraw: () => this.#drawCursor(),
    };
    this.#chart = new ChartJs<'line', Point[]>(canvas, {
      type: 'line',
      data: { datasets: [] },
      options: {
        ...still,
        layout: { padding: { top: 6, right: 2, left: 0, bottom: 0 } },
      },
      plugins: [marks],
    });
  }

  /** Draws all, and marks one moment with a line and dots. */
  draw(drawing: Drawing, cursorNs: number | undefined): void {
    const moved = cursorNs !== this.#cursorNs;
    this.#cursorNs = cursorNs;
    if (moved && same(drawing, this.#drawing)) {
      this.#chart.draw();
      return;
    }
    this.#drawing = drawing;
    const { lines, snapshot, window } = drawing;
    const old = this.#chart.data.datasets;
    this.#chart.data.datasets = lines.map((line, at) =>
      Object.assign(old[at] ?? {}, dataset(line, pointsOf(snapshot.series[line.series], window), drawing)),
    );
    Object.assign(this.#chart.options, { scales: scales(drawing) });
    this.#chart.update('none');
  }

  /** The moment under a horizontal position, in pixels from the canvas's left edge. */
  timeAt(x: number): number | undefined {
    const scale = this.#chart.scales['x'];
    if (!scale || !this.#drawing) return undefined;
    const { startNs, endNs, stepNs } = this.#drawing.window;
    const time = scale.getValueForPixel(x) ?? startNs;
    const slot = Math.round((time - startNs) / stepNs);
    return Math.min(endNs, startNs + Math.max(1, slot) * stepNs);
  }

  close(): void {
    this.#chart.destroy();
  }

  /** The legend names it; a label beside the line would cover others. */
  #drawThreshold(): void {
    // The first drawing is chart.js's own, before there is anything of ours.
    const drawing = this.#drawing;
    if (!drawing?.threshold) return;
    const { ctx, chartArea, scales } = this.#chart;
    const y = scales['left'];
    if (!y) return;
    const { value } = drawing.threshold;
    if (value > y.max) return;
    const at = Math.round(y.getPixelForValue(value)) + 0.5;
    ctx.save();
    ctx.strokeStyle = drawing.theme.lines.yellow;
    ctx.setLineDash([4, 3]);
    stroke(ctx, chartArea.left, at, chartArea.right, at);
    ctx.restore();
  }

  #drawCursor(): void {
    const drawing = this.#drawing;
    const time = this.#cursorNs;
    if (!drawing || time === undefined) return;
    const { ctx, chartArea, scales, data } = this.#chart;
    const x = scales['x'];
    if (!x || time < x.min || time > x.max) return;
    const at = Math.round(x.getPixelForValue(time)) + 0.5;
    ctx.save();
    ctx.strokeStyle = drawing.theme.dim;
    stroke(ctx, at, chartArea.top, at, chartArea.bottom);
    for (const [index, line] of drawing.lines.entries()) {
      const point = data.datasets[index]?.data.find((entry) => Math.abs(entry.x - time) < drawing.window.stepNs / 2);
      const y = scales[line.axis];
      if (!point || !y) continue;
      ctx.fillStyle = drawing.theme.lines[line.color];
      ctx.beginPath();
      ctx.arc(at, y.getPixelForValue(point.y), 2.5, 0, 2 * Math.PI);
      ctx.fill();
    }
    ctx.restore();
  }
}

/** Only the cursor has moved: what it stands on need not be laid out again. */
function same(drawing: Drawing, before: Drawing | undefined): boolean {
  return (
    drawing.snapshot === before?.snapshot &&
    drawing.theme === before.theme &&
    drawing.window.startNs === before.window.startNs &&
    drawing.window.endNs === before.window.endNs &&
    drawing.threshold?.value === before.threshold?.value
  );
}

function stroke(ctx: CanvasRenderingContext2D, fromX: number, fromY: number, toX: number, toY: number): void {
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(fromX, fromY);
  ctx.lineTo(toX, toY);
  ctx.stroke();
}

function dataset(line: Line, points: Point[], { theme, window }: Drawing): ChartDataset<'line', Point[]> {
  return {
    label: line.label,
    data: points,
    yAxisID: line.axis,
    borderColor: theme.lines[line.color],
    backgroundColor: theme.lines[line.color],
    borderWidth: theme.highContrast ? 2 : 1.4,
    borderDash: [...line.dash],
    borderJoinStyle: 'round',
    spanGaps: joinNs,
    // What is known is marked where its neighbours are not: a line there only joins.
    pointRadius: points.map((_, at) => (alone(points, at, window.stepNs) ? 1.6 : 0)),
    pointHitRadius: 0,
    // Lines at the very edge keep their width.
    clip: 3,
  };
}

function alone(points: readonly Point[], at: number, stepNs: number): boolean {
  const x = points[at]?.x ?? 0;
  const near = (other: Point | undefined) => other !== undefined && Math.abs(other.x - x) < 1.5 * stepNs;
  return !near(points[at - 1]) && !near(points[at + 1]);
}

function scales({ chart, lines, window, theme }: Drawing): Record<string, Scale> {
  const font = { size: 10, family: theme.font };
  const middle = (window.startNs + window.endNs) / 2;
  const axes: Record<string, Scale> = {
    x: {
      type: 'linear',
      min: window.startNs,
      max: window.endNs,
      grid: { display: false },
      border: { display: false },
      afterBuildTicks: (scale) => {
        scale.ticks = [window.startNs, middle, window.endNs].map((value) => ({ value }));
      },
      ticks: {
        align: 'inner',
        color: theme.dim,
        font,
        autoSkip: false,
        minRotation: 0,
        maxRotation: 0,
        callback: (value) => moment(Number(value), window),
        sampleSize: 1,
      },
    },
    left: {
      type: 'linear',
      position: 'left',
      ...limits(chart.left),
      grid: { color: theme.grid, drawTicks: false },
      border: { display: false },
      afterFit: (scale) => {
        scale.width = axisWidth;
      },
      ticks: {
        color: theme.dim,
        font,
        maxTicksLimit: 5,
        padding: 6,
        callback: (value) => short(value, chart.left.unit),
      },
    },
  };
  const { right } = chart;
  if (right === undefined || !lines.some(({ axis }) => axis === 'right')) return axes;
  return {
    ...axes,
    right: {
      type: 'linear',
      position: 'right',
      ...limits(right),
      grid: { display: false },
      border: { display: false },
      ticks: {
        color: theme.dim,
        font,
        maxTicksLimit: 5,
        padding: 6,
        callback: (value) => short(value, right.unit),
      },
    },
  };
}

function limits({ reach, full }: Axis): Scale {
  return full ? { min: 0, max: reach } : { min: 0, suggestedMax: reach };
}

/** Whole numbers need no decimals on an axis: `5 ms`, not `5.0 ms`. */
function short(value: number | string, unit: Unit): string {
  if (Number(value) === 0) return '0';
  return quantity(Number(value), unit).replace(/\.0+(?= )/, '');
}
