/** Texts of the workspace's files, each read once while it is remembered; never a file from outside. */
import { lstat, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { LRUCache } from 'lru-cache';

/** Above it a text is data. */
const longestTextBytes = 2_000_000;
/** Locks of large workspaces are longer than any text that a person wrote. */
const longestDataBytes = 32_000_000;
/** Of all texts that are remembered. */
const rememberedBytes = 32_000_000;

export class Texts {
  readonly #root: string;
  /** Whether a folder is really inside of the workspace: one on the way may be a link. */
  readonly #inside = new Map<string, Promise<boolean>>();
  readonly #known = new LRUCache<string, { readonly text: string | undefined }>({
    maxSize: rememberedBytes,
    sizeCalculation: ({ text }) => 100 + (text?.length ?? 0),
  });
  readonly #reading = new Map<string, Promise<string | undefined>>();

  constructor(root: string) {
    this.#root = root;
  }

  text(file: string): Promise<string | undefined> {
    return this.#remembered(file, longestTextBytes);
  }

  /** Manifests and locks: as `text`, but longer ones too. */
  data(file: string): Promise<string | undefined> {
    return this.#remembered(file, longestDataBytes);
  }

  #remembered(file: string, mostBytes: number): Promise<string | undefined> {
    const key = `${mostBytes} ${file}`;
    const known = this.#known.get(key);
    if (known) return Promise.resolve(known.text);
    const waiting = this.#reading.get(key);
    if (waiting) return waiting;
    const reading = this.#read(file, mostBytes).then((text) => {
      this.#known.set(key, { text });
      this.#reading.delete(key);
      return text;
    });
    this.#reading.set(key, reading);
    return reading;
  }

  async #read(file: string, mostBytes: number): Promise<string | undefined> {
    try {
      const path = join(this.#root, file);
      if (!(await this.#isInside(dirname(path)))) return undefined;
      const link = await lstat(path);
      const looks = link.isSymbolicLink() ? await this.#behind(path) : link;
      if (!looks?.isFile() || looks.size > mostBytes) return undefined;
      const bytes = await readFile(path);
      return bytes.length > mostBytes || bytes.includes(0) ? undefined : bytes.toString('utf8');
    } catch {
      // Gone, or not ours to read.
      return undefined;
    }
  }

  async #behind(path: string): Promise<{ isFile(): boolean; readonly size: number } | undefined> {
    return this.#holds(await realpath(path)) ? await stat(path) : undefined;
  }

  #isInside(folder: string): Promise<boolean> {
    let known = this.#inside.get(folder);
    if (!known) {
      known = realpath(folder).then(
        (path) => this.#holds(path),
        () => false,
      );
      this.#inside.set(folder, known);
    }
    return known;
  }

  #holds(path: string): boolean {
    return path === this.#root || path.startsWith(this.#root.endsWith(sep) ? this.#root : this.#root + sep);
  }
}
