/** Texts of workspace files, read once and cached. Files outside the workspace are never read. */
import { lstat, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { LRUCache } from 'lru-cache';

/** Maximum size of a handwritten text. Larger files are data. */
const maxTextBytes = 2_000_000;
/** Maximum size of manifests and lock files; the lock of a large workspace exceeds any handwritten text. */
const maxDataBytes = 32_000_000;
/** Maximum total length of the cached texts. */
const maxCachedCharacters = 32_000_000;

export class FileTexts {
  readonly #root: string;
  /** Results of `#isInside` by folder. */
  readonly #insideFolders = new Map<string, Promise<boolean>>();
  readonly #cache = new LRUCache<string, { readonly text: string | undefined }>({
    maxSize: maxCachedCharacters,
    sizeCalculation: ({ text }) => 100 + (text?.length ?? 0),
  });
  readonly #reading = new Map<string, Promise<string | undefined>>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Returns undefined if the file is missing, binary, too large or outside the workspace. */
  text(file: string): Promise<string | undefined> {
    return this.#cached(file, maxTextBytes);
  }

  /** Like `text`, but with a higher size limit, for manifests and lock files. */
  data(file: string): Promise<string | undefined> {
    return this.#cached(file, maxDataBytes);
  }

  #cached(file: string, maxBytes: number): Promise<string | undefined> {
    const key = `${maxBytes} ${file}`;
    const cached = this.#cache.get(key);
    if (cached) return Promise.resolve(cached.text);
    const pending = this.#reading.get(key);
    if (pending) return pending;
    const reading = this.#read(file, maxBytes).then((text) => {
      this.#cache.set(key, { text });
      this.#reading.delete(key);
      return text;
    });
    this.#reading.set(key, reading);
    return reading;
  }

  async #read(file: string, maxBytes: number): Promise<string | undefined> {
    try {
      const path = join(this.#root, file);
      if (!(await this.#isInside(dirname(path)))) return undefined;
      const link = await lstat(path);
      const stats = link.isSymbolicLink() ? await this.#statTarget(path) : link;
      if (!stats?.isFile() || stats.size > maxBytes) return undefined;
      const bytes = await readFile(path);
      return bytes.length > maxBytes || bytes.includes(0) ? undefined : bytes.toString('utf8');
    } catch {
      // Deleted meanwhile, or not readable.
      return undefined;
    }
  }

  /** Returns undefined if a link leads out of the workspace. */
  async #statTarget(path: string): Promise<{ isFile(): boolean; readonly size: number } | undefined> {
    return this.#contains(await realpath(path)) ? await stat(path) : undefined;
  }

  /** Resolves links, since any folder of the path may be a link out of the workspace. */
  #isInside(folder: string): Promise<boolean> {
    let inside = this.#insideFolders.get(folder);
    if (!inside) {
      inside = realpath(folder).then(
        (path) => this.#contains(path),
        () => false,
      );
      this.#insideFolders.set(folder, inside);
    }
    return inside;
  }

  #contains(path: string): boolean {
    return path === this.#root || path.startsWith(this.#root.endsWith(sep) ? this.#root : this.#root + sep);
  }
}
