/** A chart on two linear axes with what is painted under and over its lines; the axes say what the numbers are. */
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
import { still } from './plot.ts';

ChartJs.register(LineController, LineElement, PointElement, LinearScale, Filler);

export type Dots = ChartDataset<'line', Point[]>;

export interface Axis {
  readonly low: number;
  readonly high: number;
  /** Absent: nothing is written at this axis. */
  readonly label?: (value: number) => string;
  /** Where labels stand, else where chart.js wants them. */
  readonly ticks?: readonly number[];
}

export interface Picture {
  readonly theme: Theme;
  readonly x: Axis;
  readonly y: Axis;
  readonly dots: readonly Dots[];
  /** Painted before the lines. */
  readonly under?: (brush: Brush) => void;
  /** Painted after the lines. */
  readonly over?: (brush: Brush) => void;
}

/** Paints by values; whole pixels, so that thin lines are sharp. */
export class Brush {
  readonly #chart: ChartJs<'line', Point[]>;

  constructor(chart: ChartJs<'line', Point[]>) {
    this.#chart = chart;
  }

  /** From the bottom to the top. */
  column(x: number, color: string, dash: readonly number[] = []): void {
    const { top, bottom } = this.#chart.chartArea;
    const at = this.#x(x);
    this.#stroke(at, top, at, bottom, color, dash);
  }

  /** Between two values at one place, with a short end at both. */
  bar(x: number, low: number, high: number, color: string): void {
    const at = this.#x(x);
    const [bottom, top] = [this.#y(low), this.#y(high)];
    this.#stroke(at, bottom, at, top, color);
    for (const y of [bottom, top]) this.#stroke(at - 2.5, y, at + 2.5, y, color);
  }

  /** The value under a horizontal position in pixels from the canvas's left edge. */
  valueAt(x: number): number | undefined {
    return this.#chart.scales['x']?.getValueForPixel(x);
  }

  #x(value: number): number {
    return Math.round(this.#chart.scales['x']?.getPixelForValue(value) ?? 0) + 0.5;
  }

  #y(value: number): number {
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

export class Sheet {
  readonly #chart: ChartJs<'line', Point[]>;
  readonly brush: Brush;
  #picture: Picture | undefined;

  constructor(canvas: HTMLCanvasElement) {
    this.#chart = new ChartJs<'line', Point[]>(canvas, {
      type: 'line',
      data: { datasets: [] },
      options: {
        ...still,
        layout: { padding: { top: 6, right: 8, left: 4, bottom: 0 } },
      },
      plugins: [
        {
          id: 'brush',
          // The first drawing is chart.js's own, before there is anything of ours.
          beforeDatasetsDraw: () => this.#picture?.under?.(this.brush),
          afterDatasetsDraw: () => this.#picture?.over?.(this.brush),
        },
      ],
    });
    this.brush = new Brush(this.#chart);
  }

  draw(picture: Picture): void {
    this.#picture = picture;
    this.#chart.data.datasets = [...picture.dots];
    Object.assign(this.#chart.options, { scales: { x: scale(picture, 'x'), y: scale(picture, 'y') } });
    this.#chart.update('none');
  }

  close(): void {
    this.#chart.destroy();
  }
}

type DeepPartial<T> = T extends (...parameters: never[]) => unknown ? T : { [K in keyof T]?: DeepPartial<T[K]> };

function scale({ theme, ...axes }: Picture, name: 'x' | 'y'): DeepPartial<ScaleOptionsByType<'linear'>> {
  const { low, high, label, ticks } = axes[name];
  return {
    type: 'linear',
    min: low,
    max: high,
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
