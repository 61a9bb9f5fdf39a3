/** The last part of the program's output, sent to each new host. Positions tell the host how much is missing before it. */
import type { KeeperMessage, OutputStream } from '../protocol/keeper-message.ts';

/** Maximum length of the buffered output in UTF-16 code units. */
const maxBufferedLength = 256 * 1024;

type Piece = Extract<KeeperMessage, { readonly type: 'output' }>;

export class OutputBuffer {
  #pieces: Piece[] = [];
  #bufferedLength = 0;
  #printedLength = 0;

  /** Buffered pieces, the oldest first. */
  get pieces(): readonly Piece[] {
    return this.#pieces;
  }

  add(stream: OutputStream, text: string): Piece {
    const piece: Piece = { type: 'output', stream, at: this.#printedLength, text };
    this.#printedLength += text.length;
    this.#bufferedLength += text.length;
    this.#pieces.push(piece);
    while (this.#bufferedLength > maxBufferedLength) {
      const [first] = this.#pieces as [Piece, ...Piece[]];
      const excess = this.#bufferedLength - maxBufferedLength;
      if (excess >= first.text.length) this.#pieces.shift();
      else this.#pieces[0] = { ...first, at: first.at + excess, text: first.text.slice(excess) };
      this.#bufferedLength -= Math.min(excess, first.text.length);
    }
    return piece;
  }
}
