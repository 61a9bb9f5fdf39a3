/** The end of what the program has printed: a host that comes later is told as much, and how much is missing before it. */
import type { Kept, Stream } from '../protocol/keeper-message.ts';

/** UTF-16 code units kept. */
const mostKept = 256 * 1024;

type Piece = Extract<Kept, { readonly type: 'output' }>;

export class Output {
  #pieces: Piece[] = [];
  #kept = 0;
  #printed = 0;

  /** The newest pieces, the oldest first. */
  get pieces(): readonly Piece[] {
    return this.#pieces;
  }

  add(stream: Stream, text: string): Piece {
    const piece: Piece = { type: 'output', stream, at: this.#printed, text };
    this.#printed += text.length;
    this.#kept += text.length;
    this.#pieces.push(piece);
    while (this.#kept > mostKept) {
      const [first] = this.#pieces as [Piece, ...Piece[]];
      const over = this.#kept - mostKept;
      if (over >= first.text.length) this.#pieces.shift();
      else this.#pieces[0] = { ...first, at: first.at + over, text: first.text.slice(over) };
      this.#kept -= Math.min(over, first.text.length);
    }
    return piece;
  }
}
