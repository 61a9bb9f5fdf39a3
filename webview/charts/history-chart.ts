/** Chart of a benchmark's history: medians with intervals, the verdict of each run, and level changes. */
import { change, quantity } from '../../src/core/format.ts';
import type { ChangeVerdict, HistoryCase, HistoryPoint } from '../../src/protocol/panel/benchmark-state.ts';
import type { Color } from '../colors.ts';
import type { Theme } from '../theme.ts';
import type { XyChartSpec } from './xy-chart.ts';

interface HistoryChartInput {
  readonly historyCase: HistoryCase;
  readonly theme: Theme;
  /** Index of the run under the cursor. */
  readonly selectedIndex: number | undefined;
}

export const verdictColors: Readonly<Record<ChangeVerdict, Color | undefined>> = {
  improved: 'green',
  unchanged: undefined,
  inconclusive: undefined,
  slower: 'yellow',
  regressed: 'red',
};

/** Space above the highest and below the lowest interval, relative to the range between them. */
const marginRatio = 0.12;

export function historyChartSpec({
  historyCase: { points, unit },
  theme,
  selectedIndex,
}: HistoryChartInput): XyChartSpec {
  const low = Math.min(...points.map((point) => point.low ?? point.median));
  const high = Math.max(...points.map((point) => point.high ?? point.median));
  const margin = (high - low || high) * marginRatio;
  const pointColor = (point: HistoryPoint): string =>
    theme.lines[(point.verdict && verdictColors[point.verdict]) ?? 'blue'];
  return {
    theme,
    x: {
      min: -0.5,
      max: points.length - 0.5,
      ticks: pickTicks(points.length),
      label: (index) => points[index]?.commit ?? points[index]?.at.slice(5, 10) ?? '',
    },
    y: { min: Math.max(0, low - margin), max: high + margin, label: (value) => quantity(value, unit) },
    datasets: [
      {
        data: points.map(({ median }, x) => ({ x, y: median })),
        borderColor: theme.dim,
        borderWidth: theme.isHighContrast ? 2 : 1,
        pointRadius: points.map((_, index) => (index === selectedIndex ? 5 : 3.2)),
        pointStyle: points.map(({ verdict }) => shapes[verdict ?? 'unchanged']),
        pointBackgroundColor: points.map(pointColor),
        pointBorderColor: points.map(pointColor),
      },
    ],
    paintBelow: (painter) => {
      for (const [index, { median, low: from = median, high: to = median, step }] of points.entries()) {
        if (step !== undefined) painter.verticalLine(index - 0.5, theme.lines[levelChangeColor(step)], [4, 3]);
        painter.errorBar(index, from, to, theme.dim);
      }
      if (selectedIndex !== undefined) painter.verticalLine(selectedIndex, theme.grid);
    },
  };
}

/** Point shapes that distinguish verdicts without relying on color. */
const shapes: Readonly<Record<ChangeVerdict, 'circle' | 'triangle' | 'rectRot' | 'crossRot'>> = {
  improved: 'rectRot',
  unchanged: 'circle',
  inconclusive: 'circle',
  slower: 'triangle',
  regressed: 'crossRot',
};

function levelChangeColor(step: number): Color {
  return step > 0 ? 'red' : 'green';
}

export function formatLevelChange(step: number): string {
  return `new level, ${change(step)}`;
}

/** Returns the indexes to label: at most five, including the first and the last. */
function pickTicks(pointCount: number): readonly number[] {
  const step = Math.max(1, Math.ceil((pointCount - 1) / 4));
  const ticks = Array.from({ length: Math.ceil(pointCount / step) }, (_, index) => index * step);
  const last = pointCount - 1;
  return ticks.at(-1) === last ? ticks : [...ticks.filter((tick) => last - tick >= step), last];
}
