/** Counts distinct keys in bounded memory: those beyond its limit count each time. */
const maxKeys = 100_000;

export class OmittedKeys {
  readonly #hashes = new Set<number>();
  #others = 0;

  get count(): number {
    return this.#hashes.size + this.#others;
  }

  add(key: string): void {
    const hash = hashOf(key);
    if (this.#hashes.has(hash)) return;
    if (this.#hashes.size < maxKeys) this.#hashes.add(hash);
    else this.#others++;
  }
}

/** Returns a hash of 53 bits: two of 32 bits (FNV-1a), which differ in their start. */
function hashOf(key: string): number {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let index = 0; index < key.length; index++) {
    const code = key.charCodeAt(index);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x5bd1e995);
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
