/** Chart of the two sides of a comparison: density curves, samples as dots, and medians. */
import { quantity } from '../../src/core/format.ts';
import type { ComparisonViewRow, Density } from '../../src/protocol/panel/benchmark-state.ts';
import type { Color } from '../colors.ts';
import type { Theme } from '../theme.ts';
import type { Point } from '../time-window.ts';
import type { XyChartSpec, XyDataset } from './xy-chart.ts';

/** Colors of the two sides in the chart and its legend. */
export const sideColors: Readonly<Record<'before' | 'after', Color>> = { before: 'blue', after: 'orange' };

/** Vertical position of the row of sample dots of each side, relative to the highest point of the curves. */
const sampleRowY = { before: -0.1, after: -0.24 } as const;
const sampleRowHeight = 0.08;

export function densityChartSpec({ spread, unit, before, after }: ComparisonViewRow, theme: Theme): XyChartSpec {
  const { low, high } = spread;
  const side = (name: 'before' | 'after'): XyDataset[] => {
    const color = theme.lines[sideColors[name]];
    return [curveDataset(spread[name], spread, color, theme), samplesDataset(spread[name], sampleRowY[name], color)];
  };
  return {
    theme,
    x: { min: low, max: high, label: (value) => quantity(value, unit) },
    y: { min: -0.32, max: 1.05 },
    datasets: [...side('before'), ...side('after')],
    paintAbove: (painter) => {
      painter.verticalLine(before, theme.lines[sideColors.before], [4, 3]);
      painter.verticalLine(after, theme.lines[sideColors.after], [4, 3]);
    },
  };
}

function curveDataset(
  { heights }: Density,
  { low, high }: ComparisonViewRow['spread'],
  color: string,
  theme: Theme,
): XyDataset {
  const step = (high - low) / (heights.length - 1);
  return {
    data: heights.map((y, index): Point => ({ x: low + index * step, y })),
    borderColor: color,
    borderWidth: theme.isHighContrast ? 2 : 1.4,
    // High-contrast themes use outlines instead of fills.
    ...(theme.isHighContrast ? {} : { fill: { value: 0 }, backgroundColor: translucent(color) }),
    pointRadius: 0,
  };
}

/** Offsets the dots of a row vertically in a fixed pattern, so that equal samples do not hide each other. */
function samplesDataset({ samples }: Density, rowY: number, color: string): XyDataset {
  return {
    data: samples.map((x, index): Point => ({ x, y: rowY + (((index * 7) % 5) / 4 - 0.5) * sampleRowHeight })),
    showLine: false,
    pointRadius: 2.2,
    pointBackgroundColor: translucent(color, 0.75),
    pointBorderWidth: 0,
    borderColor: color,
  };
}

function translucent(color: string, opacity = 0.18): string {
  return `color-mix(in srgb, ${color} ${opacity * 100}%, transparent)`;
}
