import { lineStartsOf } from './syntax-tree.ts';

/** Text to insert. */
export interface SourceEdit {
  /** Offset in the original text. */
  readonly offset: number;
  readonly text: string;
}

/** Text that an edit inserted into a line: the line from 0, the column in the edited line, and the length. */
export type ColumnShift = readonly [line: number, column: number, length: number];

/** Insertions into a text. The inserted texts have no line breaks, so that line numbers do not change. */
export class SourceEdits {
  readonly #edits: SourceEdit[] = [];

  get size(): number {
    return this.#edits.length;
  }

  /** Adds an insertion. Insertions at the same offset keep the order in which they were added. */
  add(offset: number, text: string): void {
    this.#edits.push({ offset, text });
  }

  /** Returns the code with all insertions. */
  applyTo(code: string): string {
    const parts: string[] = [];
    let previousOffset = 0;
    for (const { offset, text } of this.#sorted()) {
      parts.push(code.slice(previousOffset, offset), text);
      previousOffset = offset;
    }
    return parts.join('') + code.slice(previousOffset);
  }

  /** Maps an offset in the edited text back to the original. Offsets inside an insertion map to its position. */
  originalOffset(editedOffset: number): number {
    let insertedLength = 0;
    for (const { offset, text } of this.#sorted()) {
      const start = offset + insertedLength;
      if (start >= editedOffset) break;
      insertedLength += Math.min(text.length, editedOffset - start);
    }
    return editedOffset - insertedLength;
  }

  /** Returns one shift per insertion, in order of position. */
  columnShifts(code: string): readonly ColumnShift[] {
    const shifts: ColumnShift[] = [];
    const lineStarts = lineStartsOf(code);
    let [line, lineInserted] = [0, 0];
    for (const { offset, text } of this.#sorted()) {
      while (line + 1 < lineStarts.length && (lineStarts[line + 1] as number) <= offset) {
        line++;
        lineInserted = 0;
      }
      shifts.push([line, offset - (lineStarts[line] as number) + lineInserted, text.length]);
      lineInserted += text.length;
    }
    return shifts;
  }

  #sorted(): SourceEdit[] {
    return this.#edits.sort((a, b) => a.offset - b.offset);
  }
}

/** Maps a column of an edited line back to the original line. */
export function originalColumn(shifts: readonly ColumnShift[], line: number, column: number): number {
  let original = column;
  for (const [shiftLine, start, length] of shifts) {
    if (shiftLine === line && start < column) original -= Math.min(length, column - start);
  }
  return original;
}
