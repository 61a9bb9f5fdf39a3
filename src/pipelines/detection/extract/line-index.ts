/** Turns offsets into lines and columns as an editor counts them. */
export class Lines {
  readonly #starts: number[];
  /** Line of the last answer: the next question is mostly near it. */
  #last = 0;

  /** A byte order mark is no part of the first line; `\n`, `\r\n` and a lone `\r` end one. */
  constructor(source: string) {
    this.#starts = [source.startsWith('\uFEFF') ? 1 : 0];
    if (source.includes('\r')) {
      for (const end of source.matchAll(/\r\n?|\n/g)) this.#starts.push(end.index + end[0].length);
    } else {
      for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) this.#starts.push(at + 1);
    }
  }

  /** Line of an offset, from 1. */
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

  /** Column of an offset in its line, in UTF-16 code units from 1. */
  columnOf(offset: number, line = this.lineOf(offset)): number {
    return Math.max(1, offset - (this.#starts[line - 1] as number) + 1);
  }
}
