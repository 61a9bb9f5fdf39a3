/** Two sides of a comparison over one axis: how densely their samples lie, each sample as a dot, and both medians. */
import { quantity } from '../../src/core/format.ts';
import type { ComparedRow, Density } from '../../src/protocol/benchmark-state.ts';
import type { Color } from '../colors.ts';
import type { Theme } from '../theme.ts';
import type { Point } from '../time-window.ts';
import type { Dots, Picture } from './xy-chart.ts';

/** The same in the chart, its legend and its table. */
export const sideColors: Readonly<Record<'before' | 'after', Color>> = { before: 'blue', after: 'orange' };

/** Below the curves, in shares of the highest: a lane of dots for each side. */
const lanes = { before: -0.1, after: -0.24 } as const;
const laneHeight = 0.08;

export function spreadPicture({ spread, unit, before, after }: ComparedRow, theme: Theme): Picture {
  const { low, high } = spread;
  const side = (name: 'before' | 'after'): Dots[] => {
    const color = theme.lines[sideColors[name]];
    return [curve(spread[name], spread, color, theme), samples(spread[name], lanes[name], color)];
  };
  return {
    theme,
    x: { low, high, label: (value) => quantity(value, unit) },
    y: { low: -0.32, high: 1.05 },
    dots: [...side('before'), ...side('after')],
    over: (brush) => {
      brush.column(before, theme.lines[sideColors.before], [4, 3]);
      brush.column(after, theme.lines[sideColors.after], [4, 3]);
    },
  };
}

function curve({ heights }: Density, { low, high }: ComparedRow['spread'], color: string, theme: Theme): Dots {
  const step = (high - low) / (heights.length - 1);
  return {
    data: heights.map((y, at): Point => ({ x: low + at * step, y })),
    borderColor: color,
    borderWidth: theme.highContrast ? 2 : 1.4,
    // High contrast draws no fills: lines carry the shapes.
    ...(theme.highContrast ? {} : { fill: { value: 0 }, backgroundColor: translucent(color) }),
    pointRadius: 0,
  };
}

/** Dots of one lane stand a little above or below each other, always in the same way: equal samples stay countable. */
function samples({ samples: values }: Density, lane: number, color: string): Dots {
  return {
    data: values.map((x, at): Point => ({ x, y: lane + (((at * 7) % 5) / 4 - 0.5) * laneHeight })),
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
