/** The operations of one thread of a program: their numbers by place, and what sampling has told since the last batch. */
import { basename } from 'node:path';
import type { Definition, SampleDelta } from '../../protocol/event.ts';
import { columnBefore, type Shift } from '../exact/source-edits.ts';
import { type Owner, pathOf } from '../source/code-owner.ts';
import type { Origins } from '../source/source-maps.ts';
import type { CallFrame, Share } from './fold-profile.ts';

/** Operations known one by one; later functions are told as one. */
const operationsKept = 3000;
/** Numbers below belong to what the program itself reports through the probe's functions. */
const firstId = 1_000_000;
export const component = 'functions';

export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

export class Roster {
  readonly #owner: Owner;
  readonly #origins: Origins;
  readonly #byKey = new Map<string, number>();
  readonly #byFrame = new Map<string, number>();
  readonly #names = new Set<string>();
  readonly #shifts = new Map<string, readonly Shift[]>();
  #fresh: Definition[] = [];
  readonly shares = new Map<number, Share>();

  constructor(owner: Owner, origins: Origins) {
    this.#owner = owner;
    this.#origins = origins;
  }

  /** This file runs with text inserted; its positions are to be told as they were. */
  shift(file: string, shifts: readonly Shift[]): void {
    this.#shifts.set(file, shifts);
  }

  /** Number of the operation to which a frame of a stack belongs. */
  ofFrame(frame: CallFrame): number | undefined {
    const { functionName, url, lineNumber, columnNumber } = frame;
    if (url === '' && (functionName === '(idle)' || functionName === '(root)')) return undefined;
    const key = `${url}\0${lineNumber}\0${columnNumber}\0${functionName}`;
    const known = this.#byFrame.get(key);
    if (known !== undefined) return known;
    const id = this.#find(frame);
    if (this.#byFrame.size < 10 * operationsKept) this.#byFrame.set(key, id);
    return id;
  }

  /** Number of the function that stands at a place; `name` may tell the class as well. */
  ofPlace(told: string, { file, line }: Place): number {
    const place = { file, line };
    const name = told === '' ? `(anonymous ${basename(place.file)}:${place.line})` : told;
    // Two views of one function agree on where it stands and on the last part of its name.
    const key = `${place.file}\0${place.line}\0${name.split('.').at(-1)}`;
    return this.#byKey.get(key) ?? this.#define(key, this.#unique(name, place), place);
  }

  /** Number of an operation without a place. */
  named(name: string): number {
    return this.#byKey.get(name) ?? this.#define(name, name);
  }

  /** What was defined and sampled since the last call. */
  take(): { readonly definitions: readonly Definition[]; readonly samples: readonly SampleDelta[] } {
    const definitions = this.#fresh;
    const samples = [...this.shares].map(([id, share]) => ({ id, ...share }));
    this.#fresh = [];
    this.shares.clear();
    return { definitions, samples };
  }

  #find({ functionName, url, lineNumber, columnNumber }: CallFrame): number {
    if (url === '' && functionName.startsWith('(')) return this.named(functionName);
    const file = pathOf(url);
    if (!file || !this.#owner.isOwn(file)) return this.named(this.#owner.nameOf(url));
    const whole = lineNumber <= 0 && columnNumber <= 0 && (functionName === '' || functionName === '(anonymous)');
    if (whole) return this.ofPlace(`(top level of ${basename(file)})`, { file, line: 1 });
    const column = columnBefore(this.#shifts.get(file) ?? [], lineNumber, columnNumber);
    const { name, ...origin } = this.#origins.of(file, lineNumber, column);
    return this.ofPlace(name ?? functionName, origin);
  }

  #define(key: string, name: string, place?: Place): number {
    if (this.#byKey.size >= operationsKept && key !== '(other functions)') return this.named('(other functions)');
    const id = firstId + this.#byKey.size;
    this.#byKey.set(key, id);
    this.#fresh.push({ id, component, name: name.slice(0, 400), kind: 'function', ...place });
    return id;
  }

  #unique(name: string, place: Place): string {
    const told = this.#names.has(name) ? `${name} (${basename(place.file)}:${place.line})` : name;
    this.#names.add(name);
    return told;
  }
}
