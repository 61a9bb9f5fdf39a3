/** Recognizes files that were not written by hand, by attributes, path, and both ends of their content. Results are cached. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { isPointer, maxTextBytes } from '../file-texts.ts';
import { isForeignHead, isForeignName, isForeignTail, isLibraryCopy } from './file-names.ts';
import { LinguistAttributes } from './linguist-attributes.ts';

/**
 * `foreign` files were not written by hand. `pointer` is a file whose content Git LFS has not downloaded. `missing` was
 * deleted, is a link, or is not readable.
 */
export type FileKind = 'handwritten' | 'foreign' | 'binary' | 'large' | 'pointer' | 'missing';

/** Length of the head to read: enough for a licence, a generator mark below it, and an overlong line. */
const headBytes = 16_384;
/** Length of the tail to read: enough for a reference to a source map. */
const tailBytes = 300;
/** Languages whose compilers and bundlers end their output with a reference to a source map. */
const mayReferToSourceMap = /\.(?:[cm]?js|css)$/;

/** Does not follow links, because their targets are classified under their own paths. Not available on Windows. */
const noFollow = constants.O_NOFOLLOW ?? 0;
/** Does not wait for the writer of a pipe. Not available on Windows either. */
const doNotWait = constants.O_NONBLOCK ?? 0;

export class ForeignFiles {
  readonly #root: string;
  readonly #attributes: LinguistAttributes;
  readonly #kinds = new Map<string, FileKind>();
  readonly #buffer = Buffer.alloc(headBytes);

  constructor(root: string) {
    this.#root = root;
    this.#attributes = new LinguistAttributes(root);
  }

  /** Returns true for files whose text no rule about handwritten text applies to, because it is not theirs or not here. */
  has(file: string): boolean {
    const kind = this.kindOf(file);
    return kind === 'foreign' || kind === 'pointer';
  }

  kindOf(file: string): FileKind {
    let kind = this.#kinds.get(file);
    if (kind === undefined) {
      kind = this.#classify(file);
      this.#kinds.set(file, kind);
    }
    return kind;
  }

  #classify(file: string): FileKind {
    // Attributes are what the authors say, so they overrule what the name and the content suggest.
    const isMarked = this.#attributes.isForeign(file);
    if (isMarked ?? isForeignName(file)) return 'foreign';
    try {
      const descriptor = openSync(join(this.#root, file), constants.O_RDONLY | noFollow | doNotWait);
      try {
        return this.#classifyContent(file, descriptor, isMarked === false);
      } finally {
        closeSync(descriptor);
      }
    } catch {
      return 'missing';
    }
  }

  #classifyContent(file: string, descriptor: number, isHandwritten: boolean): FileKind {
    const headLength = readSync(descriptor, this.#buffer, 0, headBytes, 0);
    const isBinary = this.#buffer.subarray(0, headLength).includes(0);
    const head = this.#buffer.toString('utf8', 0, headLength);
    if (isPointer(head)) return 'pointer';
    if (isBinary) return 'binary';
    if (!isHandwritten && isForeignHead(head)) return 'foreign';
    if (!isHandwritten && mayReferToSourceMap.test(file) && isLibraryCopy(file, head)) return 'foreign';
    const { size } = fstatSync(descriptor);
    if (size > maxTextBytes) return 'large';
    if (isHandwritten || !mayReferToSourceMap.test(file)) return 'handwritten';
    const tailLength = readSync(descriptor, this.#buffer, 0, tailBytes, Math.max(0, size - tailBytes));
    return isForeignTail(this.#buffer.toString('utf8', 0, tailLength)) ? 'foreign' : 'handwritten';
  }
}
