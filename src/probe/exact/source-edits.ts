/** Text put between the characters of another text, never with a line break, so that every line keeps its number. */

export interface Insertion {
  /** Offset in the original text. */
  readonly at: number;
  readonly text: string;
}

export class Insertions {
  readonly #list: Insertion[] = [];

  get size(): number {
    return this.#list.length;
  }

  /** Of two at one offset the one that was added first comes first. */
  add(at: number, text: string): void {
    this.#list.push({ at, text });
  }

  into(code: string): string {
    const parts: string[] = [];
    let from = 0;
    for (const { at, text } of this.#sorted()) {
      parts.push(code.slice(from, at), text);
      from = at;
    }
    return parts.join('') + code.slice(from);
  }

  /** Offset in the original of an offset in the result. */
  before(offset: number): number {
    let added = 0;
    for (const { at, text } of this.#sorted()) {
      const start = at + added;
      if (start >= offset) break;
      added += Math.min(text.length, offset - start);
    }
    return offset - added;
  }

  /** For each insertion: line from 0, column in the result, length. */
  shifts(code: string): readonly Shift[] {
    const shifts: Shift[] = [];
    let [line, lineStart, added, from] = [0, 0, 0, 0];
    for (const { at, text } of this.#sorted()) {
      for (let next = code.indexOf('\n', from); next >= 0 && next < at; next = code.indexOf('\n', next + 1)) {
        line++;
        lineStart = next + 1;
        added = 0;
      }
      from = at;
      shifts.push([line, at - lineStart + added, text.length]);
      added += text.length;
    }
    return shifts;
  }

  #sorted(): Insertion[] {
    return this.#list.sort((a, b) => a.at - b.at);
  }
}

export type Shift = readonly [line: number, column: number, length: number];

/** The column that a position of the result had before. */
export function columnBefore(shifts: readonly Shift[], line: number, column: number): number {
  let before = column;
  for (const [at, start, length] of shifts) {
    if (at === line && start < column) before -= Math.min(length, column - start);
  }
  return before;
}
