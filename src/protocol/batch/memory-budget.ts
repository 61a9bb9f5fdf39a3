/** Limits the memory of what senders can make a receiver keep. Sizes are estimates: what counts is that they are bounded. */

/** Estimated size of an entry of a map beside its texts. */
const entryBytes = 100;

export class MemoryBudget {
  readonly #maxBytes: number;
  readonly #parent: MemoryBudget | undefined;
  #takenBytes = 0;

  /** @param parent a budget shared with others, which must have enough memory too */
  constructor(maxBytes: number, parent?: MemoryBudget) {
    this.#maxBytes = maxBytes;
    this.#parent = parent;
  }

  /** Takes memory. Returns false if too little is left. */
  take(bytes: number): boolean {
    if (this.#takenBytes + bytes > this.#maxBytes) return false;
    if (this.#parent && !this.#parent.take(bytes)) return false;
    this.#takenBytes += bytes;
    return true;
  }

  /** Takes memory for an entry of a map with these texts. */
  takeEntry(...texts: readonly (string | undefined)[]): boolean {
    return this.take(texts.reduce((sum, text) => sum + 2 * (text?.length ?? 0), entryBytes));
  }

  /** Gives memory back. */
  give(bytes: number): void {
    this.#takenBytes -= bytes;
    this.#parent?.give(bytes);
  }

  /** Gives everything back. */
  release(): void {
    this.give(this.#takenBytes);
  }
}

/** Returns the length of all keys and texts of a value, in UTF-16 code units. */
export function textLengthOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce((sum, [key, inner]) => sum + key.length + textLengthOf(inner), 0);
}
