/** Texts of workspace files, read once and cached. Files outside the workspace are never read. */
import { existsSync, lstatSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { LRUCache } from 'lru-cache';
import { createYielder } from '../../../process/yield-to-loop.ts';

/** Maximum size of a handwritten text. Larger files are data. */
export const maxTextBytes = 2_000_000;
/** Maximum size of manifests and lock files; the lock of a large workspace exceeds any handwritten text. */
const maxDataBytes = 32_000_000;
/** Maximum total length of the cached texts. */
const maxCachedCharacters = 32_000_000;

/** Returns whether a text stands for a file in Git LFS that was not downloaded. */
export const isPointer = (text: string): boolean => text.startsWith('version https://git-lfs.github.com/spec/v1\n');

export class FileTexts {
  readonly #root: string;
  /** Results of `#isInside` by folder. */
  readonly #insideFolders = new Map<string, boolean>();
  readonly #cache = new LRUCache<string, { readonly text: string | undefined }>({
    maxSize: maxCachedCharacters,
    sizeCalculation: ({ text }) => 100 + (text?.length ?? 0),
  });
  readonly #yieldIfDue = createYielder();

  constructor(root: string) {
    this.#root = root;
  }

  /** Returns undefined if the file is missing, binary, too large, a Git LFS pointer or outside the workspace. */
  text(file: string): Promise<string | undefined> {
    return this.#cached(file, maxTextBytes);
  }

  /** Like `text`, but with a higher size limit, for manifests and lock files. */
  data(file: string): Promise<string | undefined> {
    return this.#cached(file, maxDataBytes);
  }

  async #cached(file: string, maxBytes: number): Promise<string | undefined> {
    const key = `${maxBytes} ${file}`;
    const cached = this.#cache.get(key);
    if (cached) return cached.text;
    await this.#yieldIfDue();
    // Another caller may have read it meanwhile.
    const text = this.#cache.get(key) ?? { text: this.#read(file, maxBytes) };
    this.#cache.set(key, text);
    return text.text;
  }

  /** Reads synchronously, because that takes a fraction of the time of the same calls in the thread pool. */
  #read(file: string, maxBytes: number): string | undefined {
    try {
      const path = join(this.#root, file);
      if (!this.#isInside(dirname(path))) return undefined;
      const link = lstatSync(path, { throwIfNoEntry: false });
      const stats = link?.isSymbolicLink() ? this.#statTarget(path) : link;
      if (!stats?.isFile() || stats.size > maxBytes) return undefined;
      const bytes = readFileSync(path);
      if (bytes.length > maxBytes || bytes.includes(0)) return undefined;
      const text = bytes.toString('utf8');
      return isPointer(text) ? undefined : text;
    } catch {
      // Deleted meanwhile, or not readable.
      return undefined;
    }
  }

  /** Returns undefined if a link leads out of the workspace. */
  #statTarget(path: string): Stats | undefined {
    return this.#contains(realpathSync(path)) ? statSync(path) : undefined;
  }

  /** Resolves links, since any folder of the path may be a link out of the workspace. */
  #isInside(folder: string): boolean {
    let inside = this.#insideFolders.get(folder);
    if (inside === undefined) {
      inside = existsSync(folder) && this.#contains(realpathSync(folder));
      this.#insideFolders.set(folder, inside);
    }
    return inside;
  }

  #contains(path: string): boolean {
    return path === this.#root || path.startsWith(this.#root.endsWith(sep) ? this.#root : this.#root + sep);
  }
}
