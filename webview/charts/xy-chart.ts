/** A line chart with two linear axes and custom painting below and above its lines. */
import {
  type ChartDataset,
  Chart as ChartJs,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  type ScaleOptionsByType,
} from 'chart.js';
import type { Theme } from '../theme.ts';
import type { Point } from '../time-window.ts';
import { staticChartOptions } from './plot.ts';

ChartJs.register(LineController, LineElement, PointElement, LinearScale, Filler);

export type XyDataset = ChartDataset<'line', Point[]>;

interface XyAxis {
  readonly min: number;
  readonly max: number;
  /** Formats the labels; the axis has no labels if this is absent. */
  readonly label?: (value: number) => string;
  /** Values to label; chosen by chart.js if absent. */
  readonly ticks?: readonly number[];
}

export interface XyChartSpec {
  readonly theme: Theme;
  readonly x: XyAxis;
  readonly y: XyAxis;
  readonly datasets: readonly XyDataset[];
  /** Called before the lines are drawn. */
  readonly paintBelow?: (painter: ChartPainter) => void;
  /** Called after the lines are drawn. */
  readonly paintAbove?: (painter: ChartPainter) => void;
}

/** Paints at axis values. Positions are rounded to whole pixels, so that thin lines stay sharp. */
export class ChartPainter {
  readonly #chart: ChartJs<'line', Point[]>;

  constructor(chart: ChartJs<'line', Point[]>) {
    this.#chart = chart;
  }

  /** Draws a line over the full height of the chart. */
  verticalLine(x: number, color: string, dash: readonly number[] = []): void {
    const { top, bottom } = this.#chart.chartArea;
    const pixelX = this.#toPixelX(x);
    this.#stroke(pixelX, top, pixelX, bottom, color, dash);
  }

  /** Draws a vertical bar between two values, with a short cap at both ends. */
  errorBar(x: number, low: number, high: number, color: string): void {
    const pixelX = this.#toPixelX(x);
    const [bottom, top] = [this.#toPixelY(low), this.#toPixelY(high)];
    this.#stroke(pixelX, bottom, pixelX, top, color);
    for (const y of [bottom, top]) this.#stroke(pixelX - 2.5, y, pixelX + 2.5, y, color);
  }

  /** Returns the value at a horizontal position, in pixels from the left edge of the canvas. */
  valueAt(x: number): number | undefined {
    return this.#chart.scales['x']?.getValueForPixel(x);
  }

  #toPixelX(value: number): number {
    return Math.round(this.#chart.scales['x']?.getPixelForValue(value) ?? 0) + 0.5;
  }

  #toPixelY(value: number): number {
    return Math.round(this.#chart.scales['y']?.getPixelForValue(value) ?? 0) + 0.5;
  }

  #stroke(x: number, y: number, toX: number, toY: number, color: string, dash: readonly number[] = []): void {
    const { ctx } = this.#chart;
    ctx.save();
    ctx.strokeStyle = color;
    ctx.lineWidth = 1;
    ctx.setLineDash([...dash]);
    ctx.beginPath();
    ctx.moveTo(x, y);
    ctx.lineTo(toX, toY);
    ctx.stroke();
    ctx.restore();
  }
}

export class XyChart {
  readonly #chart: ChartJs<'line', Point[]>;
  readonly painter: ChartPainter;
  #spec: XyChartSpec | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.#chart = new ChartJs<'line', Point[]>(canvas, {
      type: 'line',
      data: { datasets: [] },
      options: {
        ...staticChartOptions,
        layout: { padding: { top: 6, right: 8, left: 4, bottom: 0 } },
      },
      plugins: [
        {
          id: 'painter',
          // chart.js draws once from its constructor, before a spec is set.
          beforeDatasetsDraw: () => this.#spec?.paintBelow?.(this.painter),
          afterDatasetsDraw: () => this.#spec?.paintAbove?.(this.painter),
        },
      ],
    });
    this.painter = new ChartPainter(this.#chart);
  }

  draw(spec: XyChartSpec): void {
    this.#spec = spec;
    this.#chart.data.datasets = [...spec.datasets];
    Object.assign(this.#chart.options, { scales: { x: buildScale(spec, 'x'), y: buildScale(spec, 'y') } });
    this.#chart.update('none');
  }

  destroy(): void {
    this.#chart.destroy();
  }
}

type DeepPartial<T> = T extends (...parameters: never[]) => unknown ? T : { [K in keyof T]?: DeepPartial<T[K]> };

function buildScale({ theme, ...axes }: XyChartSpec, name: 'x' | 'y'): DeepPartial<ScaleOptionsByType<'linear'>> {
  const { min, max, label, ticks } = axes[name];
  return {
    type: 'linear',
    min,
    max,
    display: label !== undefined,
    grid: { display: name === 'y', color: theme.grid, drawTicks: false },
    border: { display: false },
    ...(ticks
      ? {
          afterBuildTicks: (built) => {
            built.ticks = ticks.map((value) => ({ value }));
          },
        }
      : {}),
    ticks: {
      color: theme.dim,
      font: { size: 10, family: theme.font },
      maxTicksLimit: 6,
      maxRotation: 0,
      autoSkip: ticks === undefined,
      padding: 6,
      callback: (value) => label?.(Number(value)) ?? '',
    },
  };
}
