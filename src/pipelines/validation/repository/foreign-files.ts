/** Recognizes files that were not written by hand, by path and by the head of their content. Results are cached. */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { isForeignHead, isForeignName } from './file-names.ts';

/** Length of the head to read: enough for a licence, a generator mark below it, and an overlong line. */
const headBytes = 16_384;

/** Does not follow links, because their targets are classified under their own paths. Not available on Windows. */
const noFollow = constants.O_NOFOLLOW ?? 0;
/** Does not wait for the writer of a pipe. Not available on Windows either. */
const doNotWait = constants.O_NONBLOCK ?? 0;

export class ForeignFiles {
  readonly #root: string;
  readonly #results = new Map<string, boolean>();
  readonly #buffer = Buffer.alloc(headBytes);

  constructor(root: string) {
    this.#root = root;
  }

  has(file: string): boolean {
    let isForeign = this.#results.get(file);
    if (isForeign === undefined) {
      isForeign = isForeignName(file) || isForeignHead(this.#head(file));
      this.#results.set(file, isForeign);
    }
    return isForeign;
  }

  #head(file: string): string {
    try {
      const descriptor = openSync(join(this.#root, file), constants.O_RDONLY | noFollow | doNotWait);
      try {
        return this.#buffer.toString('utf8', 0, readSync(descriptor, this.#buffer));
      } finally {
        closeSync(descriptor);
      }
    } catch {
      return '';
    }
  }
}
