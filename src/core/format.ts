/**
 * Numbers as people read them, the same in the panel, the editor, the status bar and the terminal.
 *
 * Independent of the locale, so that a picture, a log and a test say the same. What is not known, and what is not
 * finite, is a dash: no text ever contains `NaN`.
 */
import type { Unit } from '../protocol/snapshot.ts';

export type Maybe = number | null | undefined;

/** Stands for what is not known. */
export const unknown = '–';

const secondNs = 1e9;
const minuteNs = 60 * secondNs;
const hourNs = 60 * minuteNs;

/** Nanoseconds as `312 ns`, `312 µs`, `2.4 ms`, `1.23 s`, `1 m 12 s`, `2 h 05 m`: a decimal under 100, none above. */
export function duration(ns: Maybe): string {
  return signed(ns, (value) => {
    if (rounds(value, 1, 0) < 1e3) return `${value.toFixed(0)} ns`;
    if (rounds(value, 1e3, 0) < 1e3) return `${short(value / 1e3)} µs`;
    if (rounds(value, 1e6, 0) < 1e3) return `${short(value / 1e6)} ms`;
    if (rounds(value, secondNs, 2) < 60) return `${(value / secondNs).toFixed(2)} s`;
    const seconds = Math.round(value / secondNs);
    if (seconds * secondNs < hourNs) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
    const minutes = Math.round(value / minuteNs);
    return `${whole(Math.floor(minutes / 60))} h ${two(minutes % 60)} m`;
  });
}

/** How long a call took: what was over before the clock's next step took some time all the same. */
export function timing(ns: Maybe): string {
  return typeof ns === 'number' && ns >= 0 && ns < 1 ? '<1 µs' : duration(ns);
}

/** Nanoseconds as a clock that counts up: `00:42`, `1:00:05`. */
export function clock(ns: Maybe): string {
  return signed(ns, (value) => {
    const seconds = Math.floor(value / secondNs);
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return `${two(minutes)}:${two(seconds % 60)}`;
    return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
  });
}

/** A number of things, short: `999`, `1.2k`, `3.4M`. */
export function count(number: Maybe): string {
  return signed(number, (value) => scaled(value, 1000, ['', 'k', 'M', 'G', 'T'], ''));
}

/** A number of things in full: `52,310`. */
export function whole(number: Maybe): string {
  return signed(number, grouped);
}

/** Bytes in powers of 1000: `512 B`, `12.3 MB`, `184 MB`. */
export function bytes(size: Maybe): string {
  return signed(size, (value) => scaled(value, 1000, ['B', 'kB', 'MB', 'GB', 'TB'], ' '));
}

/** A ratio (1 is the whole) as `71 %`, `87.3 %`; what is nearly nothing or nearly all never reads as exactly that. */
export function percent(ratio: Maybe): string {
  return signed(ratio, (value) => nearly(value) ?? `${plain(value * 100)} %`);
}

/** A ratio in a column or where it changes often, so that decimals keep their place: `71.0 %`. */
export function share(ratio: Maybe): string {
  return signed(ratio, (value) => {
    return nearly(value) ?? (value === 0 || value === 1 ? `${value * 100} %` : `${short(value * 100)} %`);
  });
}

function nearly(ratio: number): string | undefined {
  if (ratio > 0 && ratio < 0.0005) return '<0.1 %';
  return ratio < 1 && ratio >= 0.9995 ? '>99.9 %' : undefined;
}

/** How often a second: `2 /s`, `12.4 /s`, `1,245 /s`, `12.3k /s`. */
export function rate(perSecond: Maybe): string {
  return signed(perSecond, (value) => {
    if (value > 0 && value < 0.05) return '<0.1 /s';
    return `${value < 9_999.5 ? plain(value) : count(value)} /s`;
  });
}

/** A change against another value as `+38 %`, `−12 %` or `+2.4 %`, from a ratio (0 is no change). */
export function change(ratio: Maybe): string {
  const text = signed(ratio, (value) => `${plain(value * 100)} %`);
  return typeof ratio === 'number' && ratio > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** A value with the form that its unit asks for. */
export function quantity(value: Maybe, unit: Unit): string {
  switch (unit) {
    case 'ns':
      return duration(value);
    case 'bytes':
      return bytes(value);
    case 'bytes/s':
      return signed(value, (size) => `${bytes(size)}/s`);
    case 'ratio':
      return share(value);
    case '1/s':
      return rate(value);
    case '1':
      return count(value);
  }
}

/** Far beyond anything counted here, and still finite as a percentage. */
const greatest = 1e300;

/** Formats the size of a number and puts a true minus before it where something other than zero is left. */
function signed(value: Maybe, form: (size: number) => string): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) return unknown;
  const text = form(Math.min(Math.abs(value), greatest));
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

function rounds(value: number, size: number, digits: number): number {
  return Number((value / size).toFixed(digits));
}

/** One decimal under 100, none above. */
function short(value: number): string {
  return Number(value.toFixed(1)) < 100 ? value.toFixed(1) : value.toFixed(0);
}

/** As `short`, with groups of thousands and without `.0`. */
function plain(value: number): string {
  return Number(value.toFixed(1)) < 100 ? String(Number(value.toFixed(1))) : grouped(value);
}

/** `toLocaleString` would do the same at twenty times the cost, and the panel writes thousands of numbers a second. */
function grouped(value: number): string {
  const digits = value.toFixed(0);
  return digits.length < 4 ? digits : digits.replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

function scaled(value: number, step: number, units: readonly string[], gap: string): string {
  let power = 0;
  let rest = value;
  while (power < units.length - 1 && Number(rest.toFixed(0)) >= step) {
    rest /= step;
    power += 1;
  }
  return `${power === 0 ? rest.toFixed(0) : plain(rest)}${gap}${units[power]}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
