/** Splits a stream of bytes into lines. An unfinished line is kept in one buffer, however small its pieces are. */

const newline = 10;
const firstCapacity = 4096;
/** A larger buffer is given up after its line. */
const maxIdleCapacity = 16 * 1024;

export class LineReader {
  #buffer = Buffer.alloc(0);
  #length = 0;

  /** Number of bytes of the unfinished line. */
  get pendingBytes(): number {
    return this.#length;
  }

  /** Adds bytes and calls `onLine` for each line that is complete, until it returns false. */
  push(chunk: Buffer, onLine: (line: string) => boolean): void {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const line = this.#complete(chunk.subarray(start, end));
      start = end + 1;
      if (line.trim() !== '' && !onLine(line)) return;
    }
    this.#append(chunk.subarray(start));
  }

  #complete(rest: Buffer): string {
    if (this.#length === 0) return rest.toString('utf8');
    this.#append(rest);
    const line = this.#buffer.toString('utf8', 0, this.#length);
    this.#length = 0;
    if (this.#buffer.length > maxIdleCapacity) this.#buffer = Buffer.alloc(0);
    return line;
  }

  #append(bytes: Buffer): void {
    const length = this.#length + bytes.length;
    if (length > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(firstCapacity, 2 * length));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    bytes.copy(this.#buffer, this.#length);
    this.#length = length;
  }
}
