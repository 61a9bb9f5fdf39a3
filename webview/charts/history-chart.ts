/** A benchmark over its runs: medians with their intervals, what each was found to be, and where the level changed. */
import { change, quantity } from '../../src/core/format.ts';
import type { PastCase, PastPoint, Verdict } from '../../src/protocol/benchmark-state.ts';
import type { Color } from '../colors.ts';
import type { Theme } from '../theme.ts';
import type { Picture } from './xy-chart.ts';

export interface PastScene {
  readonly one: PastCase;
  readonly theme: Theme;
  /** Place of the run that is pointed at. */
  readonly pointed: number | undefined;
}

export const verdictColors: Readonly<Record<Verdict, Color | undefined>> = {
  improved: 'green',
  unchanged: undefined,
  inconclusive: undefined,
  slower: 'yellow',
  regressed: 'red',
};

/** Room above the highest and below the lowest interval, in shares of what lies between. */
const margin = 0.12;

export function pastPicture({ one: { points, unit }, theme, pointed }: PastScene): Picture {
  const low = Math.min(...points.map((point) => point.low));
  const high = Math.max(...points.map((point) => point.high));
  const room = (high - low || high) * margin;
  const color = (point: PastPoint): string => theme.lines[(point.verdict && verdictColors[point.verdict]) ?? 'blue'];
  return {
    theme,
    x: {
      low: -0.5,
      high: points.length - 0.5,
      ticks: ticksOf(points.length),
      label: (at) => points[at]?.commit ?? points[at]?.at.slice(5, 10) ?? '',
    },
    y: { low: Math.max(0, low - room), high: high + room, label: (value) => quantity(value, unit) },
    dots: [
      {
        data: points.map(({ median }, x) => ({ x, y: median })),
        borderColor: theme.dim,
        borderWidth: theme.highContrast ? 2 : 1,
        pointRadius: points.map((_, at) => (at === pointed ? 5 : 3.2)),
        pointStyle: points.map(({ verdict }) => shapes[verdict ?? 'unchanged']),
        pointBackgroundColor: points.map(color),
        pointBorderColor: points.map(color),
      },
    ],
    under: (brush) => {
      for (const [at, point] of points.entries()) {
        if (point.step !== undefined) brush.column(at - 0.5, theme.lines[stepColor(point.step)], [4, 3]);
        brush.bar(at, point.low, point.high, theme.dim);
      }
      if (pointed !== undefined) brush.column(pointed, theme.grid);
    },
  };
}

/** Shapes tell verdicts apart where colours do not. */
const shapes: Readonly<Record<Verdict, 'circle' | 'triangle' | 'rectRot' | 'crossRot'>> = {
  improved: 'rectRot',
  unchanged: 'circle',
  inconclusive: 'circle',
  slower: 'triangle',
  regressed: 'crossRot',
};

export function stepColor(step: number): Color {
  return step > 0 ? 'red' : 'green';
}

export function stepText(step: number): string {
  return `new level, ${change(step)}`;
}

/** At most five, the first and the last among them. */
function ticksOf(points: number): readonly number[] {
  const step = Math.max(1, Math.ceil((points - 1) / 4));
  const ticks = Array.from({ length: Math.ceil(points / step) }, (_, at) => at * step);
  const last = points - 1;
  return ticks.at(-1) === last ? ticks : [...ticks.filter((at) => last - at >= step), last];
}
