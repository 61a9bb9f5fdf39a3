/** Keeps the last bytes of an output stream. */
export class OutputTail {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #isCut = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** True if the output was longer than `maxBytes`. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** The kept output as UTF-8, without the remaining bytes of a character that was cut. */
  get text(): string {
    const bytes = Buffer.concat(this.#chunks);
    let start = Math.max(0, bytes.length - this.#maxBytes);
    while (this.#isCut && start < bytes.length && ((bytes[start] as number) & 0xc0) === 0x80) start++;
    return bytes.toString('utf8', start);
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) this.#isCut = true;
    while (this.#bytes - (this.#chunks[0]?.length ?? 0) >= this.#maxBytes) {
      this.#bytes -= this.#chunks.shift()?.length ?? 0;
    }
  }
}
