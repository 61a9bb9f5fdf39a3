/** Tells files that nobody here wrote by hand, by path and by the head of their content; remembers each answer. */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { isForeignHead, isForeignName } from './file-names.ts';

/** Enough for a licence, a mark below it, and a line that is too long. */
const headBytes = 16_384;

/** What a link leads to is judged in its own place; Windows has no such flag. */
const noLinks = constants.O_NOFOLLOW ?? 0;

export class Foreign {
  readonly #root: string;
  readonly #known = new Map<string, boolean>();
  readonly #buffer = Buffer.alloc(headBytes);

  constructor(root: string) {
    this.#root = root;
  }

  has(file: string): boolean {
    let known = this.#known.get(file);
    if (known === undefined) {
      known = isForeignName(file) || isForeignHead(this.#head(file));
      this.#known.set(file, known);
    }
    return known;
  }

  #head(file: string): string {
    try {
      const opened = openSync(join(this.#root, file), constants.O_RDONLY | noLinks);
      try {
        return this.#buffer.toString('utf8', 0, readSync(opened, this.#buffer));
      } finally {
        closeSync(opened);
      }
    } catch {
      return '';
    }
  }
}
