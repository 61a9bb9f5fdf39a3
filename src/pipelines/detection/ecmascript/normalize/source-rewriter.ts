/** Replaces parts of a source by other text of the same length. */
import type { NormalizedSource, TypeImport } from '../../extract/normalized-source.ts';

const newlines = new Set([10, 13, 0x20_28, 0x20_29]);
const space = 32;
const underscore = 95;
const semicolon = 59;

export interface DetachedDecorator {
  readonly start: number;
  readonly end: number;
  /** Removes the decorator instead of replacing its expression by a name. */
  readonly isRemoved: boolean;
}

export class SourceRewriter {
  readonly source: string;
  readonly #codes: Uint16Array;
  readonly #typeImports: TypeImport[] = [];
  readonly #erased: (readonly [start: number, end: number])[] = [];
  readonly #decorators: DetachedDecorator[] = [];

  constructor(source: string) {
    this.source = source;
    this.#codes = new Uint16Array(source.length);
    for (let index = 0; index < source.length; index++) this.#codes[index] = source.charCodeAt(index);
  }

  /** Returns the current text of a range. */
  text(start: number, end: number): string {
    return decode(this.#codes.subarray(start, end));
  }

  /** Returns the offset of a text at or after `start`, or `end` if it does not occur before `end`. */
  find(text: string, start: number, end: number): number {
    const index = this.text(start, end).indexOf(text);
    return index < 0 ? end : start + index;
  }

  /** Replaces a range by spaces, except line ends. */
  blank(start: number, end: number): void {
    blankCodes(this.#codes, start, end);
  }

  /** Replaces a range by spaces at the end, whatever is written into it. */
  erase(start: number, end: number): void {
    this.#erased.push([start, end]);
  }

  /** Replaces a range by a single name. */
  fill(start: number, end: number): void {
    this.#codes.fill(underscore, start, end);
  }

  write(start: number, text: string): void {
    for (let index = 0; index < text.length; index++) this.#codes[start + index] = text.charCodeAt(index);
  }

  /** Blanks all matches in a range that contains no strings, comments or names. Returns the offset of the first match. */
  blankMatches(start: number, end: number, pattern: RegExp): number | undefined {
    let first: number | undefined;
    for (const match of this.text(start, end).matchAll(pattern)) {
      const offset = start + match.index;
      first ??= offset;
      this.blank(offset, offset + match[0].length);
    }
    return first;
  }

  /** Moves the expression after a decorator's `@` to the text of detached expressions. */
  detach(decorator: DetachedDecorator): void {
    this.#decorators.push(decorator);
  }

  addTypeImport(typeImport: TypeImport): void {
    this.#typeImports.push(typeImport);
  }

  finish(): NormalizedSource {
    for (const [start, end] of this.#erased) this.blank(start, end);
    const result = { text: '', typeImports: this.#typeImports };
    if (this.#decorators.length === 0) return { ...result, text: decode(this.#codes) };
    const codes = this.#codes.slice();
    const detached = new Uint16Array(codes.length).fill(space);
    let lastEnd = 0;
    for (const { start, end, isRemoved } of this.#decorators.toSorted((a, b) => a.start - b.start)) {
      // The decorators of a class inside of a decorator stay as they are.
      if (start < lastEnd) continue;
      lastEnd = end;
      detached.set(codes.subarray(start, end), start);
      detached[start] = semicolon;
      if (isRemoved) blankCodes(codes, start, end);
      else codes.fill(underscore, start + 1, end);
    }
    return { ...result, text: decode(codes), detached: decode(detached) };
  }
}

function blankCodes(codes: Uint16Array, start: number, end: number): void {
  for (let index = start; index < end; index++) {
    if (!newlines.has(codes[index] as number)) codes[index] = space;
  }
}

/** Decodes in parts, because a function has a limited number of arguments. */
function decode(codes: Uint16Array): string {
  let text = '';
  for (let start = 0; start < codes.length; start += 8192) {
    text += String.fromCharCode(...codes.subarray(start, start + 8192));
  }
  return text;
}
