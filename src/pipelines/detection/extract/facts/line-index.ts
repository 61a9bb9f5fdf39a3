/** Converts offsets to lines and columns as an editor counts them. */
export class LineIndex {
  readonly #starts: number[];
  /** Index of the line that was found last; the next offset is usually in or near it. */
  #last = 0;

  /** Lines end with `\n`, `\r\n` or a lone `\r`. A byte order mark does not count as part of the first line. */
  constructor(source: string) {
    this.#starts = [source.startsWith('\uFEFF') ? 1 : 0];
    if (source.includes('\r')) {
      for (const end of source.matchAll(/\r\n?|\n/g)) this.#starts.push(end.index + end[0].length);
    } else {
      for (let index = source.indexOf('\n'); index >= 0; index = source.indexOf('\n', index + 1)) {
        this.#starts.push(index + 1);
      }
    }
  }

  /** Returns the line of an offset, starting at 1. */
  lineOf(offset: number): number {
    const starts = this.#starts;
    let low = 0;
    let high = starts.length - 1;
    if (offset >= (starts[this.#last] as number)) {
      low = this.#last;
      if (low === high || offset < (starts[low + 1] as number)) return low + 1;
    }
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    this.#last = low;
    return low + 1;
  }

  /** Returns the column of an offset in UTF-16 code units, starting at 1. */
  columnOf(offset: number, line = this.lineOf(offset)): number {
    return Math.max(1, offset - (this.#starts[line - 1] as number) + 1);
  }
}
