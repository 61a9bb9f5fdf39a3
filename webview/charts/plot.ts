/** A chart on its canvas: passes the lines to chart.js, which draws them without animation. */
import {
  type ChartDataset,
  Chart as ChartJs,
  type ChartOptions,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  type Plugin,
  PointElement,
} from 'chart.js';
import type { BlockMoment } from '../../src/protocol/event-loop-blocks.ts';
import type { Series, Snapshot } from '../../src/protocol/snapshot.ts';
import type { Theme } from '../theme.ts';
import { maxJoinGapNs, type Point, pointsInWindow, type TimeWindow } from '../time-window.ts';
import { drawMarks, markAt, marksOf } from './block-marks.ts';
import type { Chart, ChartLine } from './charts.ts';
import { plotScales } from './plot-scales.ts';

ChartJs.register(LineController, LineElement, PointElement, LinearScale, Filler);

export interface PlotInput {
  readonly chart: Chart;
  readonly lines: readonly ChartLine[];
  readonly snapshot: Snapshot;
  readonly window: TimeWindow;
  readonly theme: Theme;
  readonly threshold?: { readonly label: string; readonly value: number } | undefined;
}

type LineChart = ChartJs<'line', Point[]>;

/** Options of all line charts: no animation, no events, and data used as passed in. */
export const staticChartOptions = {
  animation: false,
  parsing: false,
  normalized: true,
  responsive: true,
  maintainAspectRatio: false,
  events: [],
} satisfies ChartOptions<'line'>;

export class Plot {
  readonly #chart: LineChart;
  #input: PlotInput | undefined;
  #cursorNs: number | undefined;

  constructor(canvas: HTMLCanvasElement) {
    const overlay: Plugin<'line'> = {
      id: 'overlay',
      beforeDatasetsDraw: () => this.#drawThreshold(),
      afterDatasetsDraw: () => {
        this.#drawMarks();
        this.#drawCursor();
      },
    };
    this.#chart = new ChartJs<'line', Point[]>(canvas, {
      type: 'line',
      data: { datasets: [] },
      options: {
        ...staticChartOptions,
        layout: { padding: { top: 6, right: 2, left: 0, bottom: 0 } },
      },
      plugins: [overlay],
    });
  }

  /** Draws the chart with a cursor line and dots at `cursorNs`. If only the cursor moved, the layout is reused. */
  draw(input: PlotInput, cursorNs: number | undefined): void {
    const moved = cursorNs !== this.#cursorNs;
    this.#cursorNs = cursorNs;
    if (moved && isSameExceptCursor(input, this.#input)) {
      this.#chart.draw();
      return;
    }
    this.#input = input;
    const { lines, snapshot, window } = input;
    const previous = this.#chart.data.datasets;
    this.#chart.data.datasets = lines.map((line, index) => {
      const series = snapshot.series[line.series];
      const dataset = toDataset(line, pointsInWindow(series, window), input, series ?? window);
      return Object.assign(previous[index] ?? {}, dataset, input.chart.isStacked ? areaOf(index, line, input) : {});
    });
    Object.assign(this.#chart.options, { scales: plotScales(input) });
    this.#chart.update('none');
  }

  /** Returns the time at a horizontal position, in pixels from the left edge of the canvas. */
  timeAt(x: number): number | undefined {
    const scale = this.#chart.scales['x'];
    if (!scale || !this.#input) return undefined;
    const { startNs, endNs, stepNs } = this.#input.window;
    const time = scale.getValueForPixel(x) ?? startNs;
    const slot = Math.round((time - startNs) / stepNs);
    return Math.min(endNs, startNs + Math.max(1, slot) * stepNs);
  }

  /** Returns the block of the event loop that is marked at a horizontal position, in pixels from the left edge. */
  markAt(x: number): BlockMoment | undefined {
    const scale = this.#chart.scales['x'];
    return scale && markAt(this.#marks, x, (timeNs) => scale.getPixelForValue(timeNs));
  }

  get #marks(): readonly BlockMoment[] {
    return this.#input ? marksOf(this.#input.chart, this.#input.snapshot, this.#input.window) : [];
  }

  destroy(): void {
    this.#chart.destroy();
  }

  /** Draws the threshold line. Its label is in the legend, because a label here would cover other lines. */
  #drawThreshold(): void {
    // chart.js draws once from its constructor, before any input is set.
    const input = this.#input;
    if (!input?.threshold) return;
    const { ctx, chartArea, scales } = this.#chart;
    const y = scales['left'];
    if (!y) return;
    const { value } = input.threshold;
    if (value > y.max) return;
    const pixelY = Math.round(y.getPixelForValue(value)) + 0.5;
    ctx.save();
    ctx.strokeStyle = input.theme.lines.yellow;
    ctx.setLineDash([4, 3]);
    strokeLine(ctx, chartArea.left, pixelY, chartArea.right, pixelY);
    ctx.restore();
  }

  #drawMarks(): void {
    const color = this.#input?.theme.lines.red;
    if (color === undefined) return;
    const { ctx, chartArea, scales } = this.#chart;
    const x = scales['x'];
    if (!x) return;
    drawMarks(ctx, this.#marks, { color, top: chartArea.top, pixelOf: (timeNs) => x.getPixelForValue(timeNs) });
  }

  #drawCursor(): void {
    const input = this.#input;
    const time = this.#cursorNs;
    if (!input || time === undefined) return;
    const { ctx, chartArea, scales, data } = this.#chart;
    const x = scales['x'];
    if (!x || time < x.min || time > x.max) return;
    const pixelX = Math.round(x.getPixelForValue(time)) + 0.5;
    ctx.save();
    ctx.strokeStyle = input.theme.dim;
    strokeLine(ctx, pixelX, chartArea.top, pixelX, chartArea.bottom);
    for (const [index, line] of input.lines.entries()) {
      // The edge of an area is at the sum of the values below it.
      if (input.chart.isStacked) break;
      const point = data.datasets[index]?.data.find((entry) => Math.abs(entry.x - time) < input.window.stepNs / 2);
      const y = scales[line.axis];
      if (!point || !y) continue;
      ctx.fillStyle = input.theme.lines[line.color];
      ctx.beginPath();
      ctx.arc(pixelX, y.getPixelForValue(point.y), 2.5, 0, 2 * Math.PI);
      ctx.fill();
    }
    ctx.restore();
  }
}

/** Returns true if the chart's layout can be reused because its data, theme and window are unchanged. */
function isSameExceptCursor(input: PlotInput, before: PlotInput | undefined): boolean {
  return (
    input.snapshot === before?.snapshot &&
    input.theme === before.theme &&
    input.window.startNs === before.window.startNs &&
    input.window.endNs === before.window.endNs &&
    input.threshold?.value === before.threshold?.value
  );
}

function strokeLine(ctx: CanvasRenderingContext2D, fromX: number, fromY: number, toX: number, toY: number): void {
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(fromX, fromY);
  ctx.lineTo(toX, toY);
  ctx.stroke();
}

/** An area from the line below it. Its edge keeps an area visible that is thinner than a pixel. */
function areaOf(index: number, { color }: ChartLine, { theme }: PlotInput): Partial<ChartDataset<'line', Point[]>> {
  return {
    fill: index === 0 ? 'origin' : '-1',
    backgroundColor: theme.lines[color],
    borderColor: theme.lines[color],
    borderWidth: 1,
    borderDash: [],
    pointRadius: 0,
  };
}

function toDataset(
  line: ChartLine,
  points: Point[],
  { theme, window }: PlotInput,
  series: Pick<Series, 'stepNs'>,
): ChartDataset<'line', Point[]> {
  const stepNs = Math.max(window.stepNs, series.stepNs);
  return {
    label: line.label,
    data: points,
    yAxisID: line.axis,
    borderColor: theme.lines[line.color],
    backgroundColor: theme.lines[line.color],
    borderWidth: theme.isHighContrast ? 2 : 1.4,
    borderDash: [...line.dash],
    borderJoinStyle: 'round',
    spanGaps: maxJoinGapNs(series),
    // A point without direct neighbors gets a dot, because no line makes it visible.
    pointRadius: points.map((_, index) => (isIsolated(points, index, stepNs) ? 1.6 : 0)),
    pointHitRadius: 0,
    // Without this margin, lines at the edge of the chart would be cut to half their width.
    clip: 3,
  };
}

function isIsolated(points: readonly Point[], index: number, stepNs: number): boolean {
  const x = points[index]?.x ?? 0;
  const isNear = (other: Point | undefined) => other !== undefined && Math.abs(other.x - x) < 1.5 * stepNs;
  return !isNear(points[index - 1]) && !isNear(points[index + 1]);
}
