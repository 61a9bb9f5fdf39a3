/**
 * Formats numbers for display in the panel, the editor, the status bar and the terminal.
 *
 * Independent of the locale, so that screenshots, logs and tests agree. Missing and non-finite values become a dash; no
 * text ever contains `NaN`.
 */
import type { Unit } from '../protocol/snapshot.ts';

export type OptionalNumber = number | null | undefined;

/** Shown for a missing value. */
export const missing = '–';

const secondNs = 1e9;
const minuteNs = 60 * secondNs;
const hourNs = 60 * minuteNs;

/** Formats nanoseconds as `312 ns`, `2.4 µs`, `312 ms`, `1.23 s`, `1 m 12 s` or `2 h 05 m`. */
export function duration(ns: OptionalNumber): string {
  return formatSigned(ns, (value) => {
    if (roundTo(value, 1, 0) < 1e3) return `${value.toFixed(0)} ns`;
    if (roundTo(value, 1e3, 0) < 1e3) return `${withOneDecimal(value / 1e3)} µs`;
    if (roundTo(value, 1e6, 0) < 1e3) return `${withOneDecimal(value / 1e6)} ms`;
    if (roundTo(value, secondNs, 2) < 60) return `${(value / secondNs).toFixed(2)} s`;
    const seconds = Math.round(value / secondNs);
    if (seconds * secondNs < hourNs) return `${Math.floor(seconds / 60)} m ${twoDigits(seconds % 60)} s`;
    const minutes = Math.round(value / minuteNs);
    return `${whole(Math.floor(minutes / 60))} h ${twoDigits(minutes % 60)} m`;
  });
}

/** Formats the duration of a call. Durations below 1 ns read `<1 µs`: the call ended before the clock advanced. */
export function timing(ns: OptionalNumber): string {
  return typeof ns === 'number' && ns >= 0 && ns < 1 ? '<1 µs' : duration(ns);
}

/** Formats nanoseconds as a stopwatch does: `00:42`, `1:00:05`. */
export function clock(ns: OptionalNumber): string {
  return formatSigned(ns, (value) => {
    const seconds = Math.floor(value / secondNs);
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return `${twoDigits(minutes)}:${twoDigits(seconds % 60)}`;
    return `${Math.floor(minutes / 60)}:${twoDigits(minutes % 60)}:${twoDigits(seconds % 60)}`;
  });
}

/** Formats a count in short form: `999`, `1.2k`, `3.4M`. */
export function count(number: OptionalNumber): string {
  return formatSigned(number, (value) => formatScaled(value, 1000, ['', 'k', 'M', 'G', 'T'], ''));
}

/** Formats a count in full: `52,310`. */
export function whole(number: OptionalNumber): string {
  return formatSigned(number, withThousandsSeparators);
}

/** Formats bytes in powers of 1000: `512 B`, `12.3 MB`, `184 MB`. */
export function bytes(size: OptionalNumber): string {
  return formatSigned(size, (value) => formatScaled(value, 1000, ['B', 'kB', 'MB', 'GB', 'TB'], ' '));
}

/** Formats a ratio (1 is 100 %) as `71 %` or `87.3 %`. Only exactly 0 and 1 read as `0 %` and `100 %`. */
export function percent(ratio: OptionalNumber): string {
  return formatSigned(ratio, (value) => formatNearLimit(value) ?? `${withoutTrailingZero(value * 100)} %`);
}

/** Formats a ratio with a fixed decimal, as in `71.0 %`, for columns and values that change often. */
export function share(ratio: OptionalNumber): string {
  return formatSigned(ratio, (value) => {
    return (
      formatNearLimit(value) ?? (value === 0 || value === 1 ? `${value * 100} %` : `${withOneDecimal(value * 100)} %`)
    );
  });
}

function formatNearLimit(ratio: number): string | undefined {
  if (ratio > 0 && ratio < 0.0005) return '<0.1 %';
  return ratio < 1 && ratio >= 0.9995 ? '>99.9 %' : undefined;
}

/** Formats a rate per second: `2 /s`, `12.4 /s`, `1,245 /s`, `12.3k /s`. */
export function rate(perSecond: OptionalNumber): string {
  return formatSigned(perSecond, (value) => {
    if (value > 0 && value < 0.05) return '<0.1 /s';
    return `${value < 9_999.5 ? withoutTrailingZero(value) : count(value)} /s`;
  });
}

/** Formats a relative change (0 is no change) as `+38 %`, `−12 %` or `+2.4 %`. */
export function change(ratio: OptionalNumber): string {
  const text = formatSigned(ratio, (value) => `${withoutTrailingZero(value * 100)} %`);
  return typeof ratio === 'number' && ratio > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** Formats a value according to its unit. */
export function quantity(value: OptionalNumber, unit: Unit): string {
  switch (unit) {
    case 'ns':
      return duration(value);
    case 'bytes':
      return bytes(value);
    case 'bytes/s':
      return formatSigned(value, (size) => `${bytes(size)}/s`);
    case 'ratio':
      return share(value);
    case '1/s':
      return rate(value);
    case '1':
      return count(value);
  }
}

/** Larger magnitudes are clamped, so that a percentage stays finite. */
const maxMagnitude = 1e300;

/** Formats the magnitude of a number and prepends a minus sign (U+2212) unless the text reads as zero. */
function formatSigned(value: OptionalNumber, form: (size: number) => string): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) return missing;
  const text = form(Math.min(Math.abs(value), maxMagnitude));
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

function roundTo(value: number, size: number, digits: number): number {
  return Number((value / size).toFixed(digits));
}

/** Returns one decimal below 100 and none from 100 on. */
function withOneDecimal(value: number): string {
  return Number(value.toFixed(1)) < 100 ? value.toFixed(1) : value.toFixed(0);
}

/** Returns the same as `withOneDecimal`, with thousands separators and without `.0`. */
function withoutTrailingZero(value: number): string {
  return Number(value.toFixed(1)) < 100 ? String(Number(value.toFixed(1))) : withThousandsSeparators(value);
}

/** Avoids `toLocaleString`, which takes twenty times as long: the panel formats thousands of numbers per second. */
function withThousandsSeparators(value: number): string {
  const digits = value.toFixed(0);
  return digits.length < 4 ? digits : digits.replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

function formatScaled(value: number, step: number, units: readonly string[], gap: string): string {
  let power = 0;
  let rest = value;
  while (power < units.length - 1 && Number(rest.toFixed(0)) >= step) {
    rest /= step;
    power += 1;
  }
  return `${power === 0 ? rest.toFixed(0) : withoutTrailingZero(rest)}${gap}${units[power]}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
