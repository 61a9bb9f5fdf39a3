/** Units of metrics: UCUM codes, and the words that Micrometer and other libraries send instead. */

export interface MetricUnit {
  readonly quantity: 'time' | 'bytes' | 'ratio' | 'other';
  /** Converts to nanoseconds, bytes or a ratio; 1 for other quantities. */
  readonly factor: number;
}

/** Factors by name. Names are case-sensitive in UCUM: `By` is a byte, `s` a second. */
const factors: Readonly<Record<Exclude<MetricUnit['quantity'], 'other'>, Readonly<Record<string, number>>>> = {
  time: {
    ...each(1, 'ns', 'nanosecond', 'nanoseconds'),
    ...each(1e3, 'us', 'µs', 'μs', 'microsecond', 'microseconds'),
    ...each(1e6, 'ms', 'msec', 'millisecond', 'milliseconds'),
    ...each(1e9, 's', 'sec', 'second', 'seconds'),
    ...each(60e9, 'min', 'minute', 'minutes'),
    ...each(3600e9, 'h', 'hour', 'hours'),
    ...each(86_400e9, 'd', 'day', 'days'),
  },
  bytes: {
    ...each(1, 'By', 'B', 'byte', 'bytes'),
    ...each(1e3, 'kBy', 'kB', 'KB', 'kilobyte', 'kilobytes'),
    ...each(1e6, 'MBy', 'MB', 'megabyte', 'megabytes'),
    ...each(1e9, 'GBy', 'GB', 'gigabyte', 'gigabytes'),
    ...each(1e12, 'TBy', 'TB', 'terabyte', 'terabytes'),
    ...each(2 ** 10, 'KiBy', 'KiB', 'kibibyte', 'kibibytes'),
    ...each(2 ** 20, 'MiBy', 'MiB', 'mebibyte', 'mebibytes'),
    ...each(2 ** 30, 'GiBy', 'GiB', 'gibibyte', 'gibibytes'),
    ...each(2 ** 40, 'TiBy', 'TiB', 'tebibyte', 'tebibytes'),
  },
  ratio: each(0.01, '%', 'percent'),
};

const unitsByName: ReadonlyMap<string, MetricUnit> = new Map(
  Object.entries(factors).flatMap(([quantity, names]) =>
    Object.entries(names).map(([name, factor]) => [name, { quantity, factor } as MetricUnit] as const),
  ),
);

/** Returns the quantity that a unit measures. An unknown unit is `other`. */
export function parseUnit(name = ''): MetricUnit {
  return unitsByName.get(name) ?? { quantity: 'other', factor: 1 };
}

/** Appends the unit to a name, unless it is dimensionless: `1` or an annotation in braces. */
export function withUnit(name = 'metric', unit = ''): string {
  return /^(1|\{.*\})?$/.test(unit) ? name : `${name} (${unit})`;
}

function each(factor: number, ...names: readonly string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, factor]));
}
