import type { ScaleOptionsByType } from 'chart.js';
import { quantity } from '../../src/core/format.ts';
import type { Unit } from '../../src/protocol/snapshot.ts';
import { formatMoment } from '../time-window.ts';
import type { ChartAxis } from './charts.ts';
import type { PlotInput } from './plot.ts';

type Scale = DeepPartial<ScaleOptionsByType<'linear'>>;
type DeepPartial<T> = T extends (...parameters: never[]) => unknown ? T : { [K in keyof T]?: DeepPartial<T[K]> };

/** In pixels; the same in all charts, so that their time axes line up. */
const axisWidth = 60;

/** Returns the options of the axes: time below, the main values on the left, and others on the right if there are lines for them. */
export function plotScales({ chart, lines, window, theme }: PlotInput): Record<string, Scale> {
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
        callback: (value) => formatMoment(Number(value), window),
        sampleSize: 1,
      },
    },
    left: {
      type: 'linear',
      position: 'left',
      stacked: chart.isStacked ?? false,
      ...axisLimits(chart.left),
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
        callback: (value) => formatTick(value, chart.left.unit),
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
      ...axisLimits(right),
      grid: { display: false },
      border: { display: false },
      ticks: {
        color: theme.dim,
        font,
        maxTicksLimit: 5,
        padding: 6,
        callback: (value) => formatTick(value, right.unit),
      },
    },
  };
}

function axisLimits({ max, isFixed }: ChartAxis): Scale {
  return isFixed ? { min: 0, max } : { min: 0, suggestedMax: max };
}

/** Formats an axis label without trailing zeros: `5 ms`, not `5.0 ms`. */
function formatTick(value: number | string, unit: Unit): string {
  if (Number(value) === 0) return '0';
  return quantity(Number(value), unit).replace(/\.0+(?= )/, '');
}
