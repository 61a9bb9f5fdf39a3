/** Wraps the files of wished functions as they are loaded, and says which function of the user's each row is. */
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Target, Wishes } from '../../protocol/control.ts';
import { referenceIn } from '../source/source-map-url.ts';
import { Timer, timerName } from './call-timer.ts';
import { type Counters, counters, off, rows } from './exact-counters.ts';
import type * as Wrapping from './instrument.ts';
import type { Kind } from './module-hooks.ts';
import type { Insertions, Shift } from './source-edits.ts';

export interface Row {
  readonly row: number;
  readonly name: string;
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** What the sampler wants known of a file that was wrapped. */
export interface WrappedFile {
  readonly file: string;
  readonly shifts: readonly Shift[];
  readonly rows: readonly Row[];
}

interface Text {
  readonly original: string;
  readonly code: string;
  readonly insertions: Insertions;
}

export class Loader {
  readonly #tell: (memory: SharedArrayBuffer) => void;
  #counters: Counters | undefined;
  #wishes: Wishes;
  #wrapping: typeof Wrapping | undefined;
  readonly #rows: Row[] = [];
  /** Always the same list: the sampler takes from it in the midst of anything that this thread does. */
  readonly #fresh: WrappedFile[] = [];
  readonly #texts: Text[] = [];

  /** `tell` hands the shared counters to the sampler. */
  constructor(wishes: Wishes, tell: (memory: SharedArrayBuffer) => void) {
    this.#wishes = wishes;
    this.#tell = tell;
    // The parser is loaded before any tool of the user's that would compile it.
    if (wishes.exact.length > 0) this.#parser();
  }

  get wanted(): boolean {
    return this.#wishes.exact.length > 0;
  }

  /** Switches what is wrapped already, and wraps what is loaded from now on. */
  wish(wishes: Wishes): void {
    this.#wishes = wishes;
    for (const row of this.#rows) {
      const mask = this.#counters?.mask;
      if (!mask) continue;
      const wished = this.#isWished(row);
      if (wished !== (mask[row.row] as number) >= 0) mask[row.row] = wished ? 0 : off;
    }
  }

  /** The code to run instead, or the same. Never throws. */
  load(code: string, file: string, kind: Kind): string {
    try {
      return this.#wrap(code, file, kind) ?? code;
    } catch {
      return code;
    }
  }

  takeWrapped(): readonly WrappedFile[] {
    return this.#fresh.splice(0);
  }

  #wrap(code: string, file: string, kind: Kind): string | undefined {
    const told = referenceIn(code);
    if (!this.wanted || !this.#concerns(file, told)) return undefined;
    const { wrap, Origins } = this.#parser();
    const origins = new Origins(this.#wishes.workspace);
    if (told) origins.learn(file, told);
    const { mask, minNs } = this.#memory();
    const found: Row[] = [];
    const wrapped = wrap(code, kind, ({ name, line, column }) => {
      const row = this.#rows.length + found.length;
      if (row >= rows) return undefined;
      const origin = origins.of(file, line, column);
      const own = origin.name && origin.name !== name.split('.').at(-1) ? origin.name : name;
      found.push({ row, name: own, file: origin.file, line: origin.line });
      minNs[row] = Number.POSITIVE_INFINITY;
      return row;
    });
    if (!wrapped) return undefined;
    // Known first: a wish that comes meanwhile finds them, and one that came before is looked up.
    this.#rows.push(...found);
    for (const row of found) mask[row.row] = this.#isWished(row) ? 0 : off;
    this.#fresh.push({ file, shifts: wrapped.insertions.shifts(code), rows: found });
    this.#texts.push({ original: code, ...wrapped });
    return wrapped.code;
  }

  /** Whether a wished function may stand in this file, or in one that it was made of. */
  #concerns(file: string, told: string | undefined): boolean {
    const wished = new Set(this.#wishes.exact.map((target) => real(target.file)));
    if (wished.has(real(file))) return true;
    if (!told) return false;
    const origins = new (this.#parser().Origins)(this.#wishes.workspace);
    origins.learn(file, told);
    return origins.sourcesOf(file).some((source) => wished.has(real(source)));
  }

  #isWished(row: Row): boolean {
    return this.#wishes.exact.some((target) => isTarget(target, row));
  }

  #parser(): typeof Wrapping {
    this.#wrapping ??= createRequire(__filename)(join(__dirname, 'wrap.cjs')) as typeof Wrapping;
    return this.#wrapping;
  }

  #memory(): Counters {
    if (this.#counters) return this.#counters;
    this.#counters = counters();
    // Not enumerable, and the same for all code of this thread.
    Object.defineProperty(globalThis, timerName, { value: new Timer(this.#counters) });
    this.#tell(this.#counters.memory);
    this.#hideText();
    return this.#counters;
  }

  /** Functions tell their text as it was written: it may be sent to where there is no timer. */
  #hideText(): void {
    const texts = this.#texts;
    const native = Function.prototype.toString;
    const proxy = new Proxy(native, {
      apply: (target, self: unknown, parameters: []) => {
        const text = Reflect.apply(target, self, parameters);
        return text.includes(timerName) ? asWritten(text, texts) : text;
      },
    });
    Object.defineProperty(Function.prototype, 'toString', { value: proxy, writable: true, configurable: true });
  }
}

function asWritten(text: string, texts: readonly Text[]): string {
  for (const { code, original, insertions } of texts) {
    const at = code.indexOf(text);
    if (at >= 0) return original.slice(insertions.before(at), insertions.before(at + text.length));
  }
  return text;
}

function isTarget(target: Target, row: Row): boolean {
  if (real(target.file) !== real(row.file)) return false;
  if (target.line !== undefined && target.line !== row.line) return false;
  return target.name === undefined || target.name === row.name || target.name === row.name.split('.').at(-1);
}

const reals = new Map<string, string>();

function real(file: string): string {
  const known = reals.get(file);
  if (known) return known;
  let path = file;
  try {
    path = realpathSync(file);
  } catch {
    // A source that is not there any more is compared as it is named.
  }
  reals.set(file, path);
  return path;
}
