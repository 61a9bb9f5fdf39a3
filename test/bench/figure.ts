/** Measured figures and their output as a table. */

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Alternative measured in the same run. */
  readonly against?: string;
  /** Value of the alternative divided by ours. Above 1, ours is lower. */
  readonly ratio?: number;
  /** Text such as `≥ 2` or `≤ 150`. */
  readonly goal?: string;
  readonly met?: boolean;
  /** Description of the measurement. */
  readonly how: string;
}

/** Returns a goal as text and whether a value meets it. */
export function goal(sign: '≤' | '≥' | '<', limit: number, value: number): Pick<Figure, 'goal' | 'met'> {
  const met = sign === '≥' ? value >= limit : sign === '≤' ? value <= limit : value < limit;
  return { goal: `${sign} ${limit}`, met };
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

const formatNumber = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** Formats figures as an aligned text table. */
export function formatTable(figures: readonly Figure[]): string {
  const head = ['figure', 'value', 'against', 'ratio', 'goal', 'met'];
  const rows = figures.map((figure) => [
    figure.name,
    `${formatNumber(figure.value)} ${figure.unit}`,
    figure.against ?? '',
    figure.ratio === undefined ? '' : `${figure.ratio.toFixed(2)}×`,
    figure.goal ?? '',
    figure.met === undefined ? '' : figure.met ? 'yes' : 'NO',
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 1 ? cell.padStart(widths[1] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n');
}
