/** Data that checks keep for a workspace between runs: one JSON file of bounded size, replaced atomically. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../../../process/write-atomically.ts';
import type { CheckCache } from './check.ts';

const schema = 'pipescope-memory/1';
/** Maximum size of the file. The least recently used entries are dropped first. */
const maxBytes = 4 * 1024 * 1024;

interface CacheFile {
  readonly schema: typeof schema;
  /** Least recently used first. */
  readonly entries: readonly (readonly [string, unknown])[];
}

export class FileCheckCache implements CheckCache {
  readonly #folder: string | undefined;
  readonly #entries: Map<string, unknown>;
  readonly #touched = new Set<string>();

  /**
   * @param folder if undefined, entries are lost when the run ends
   * @param cold start empty instead of reading the file
   */
  constructor(folder: string | undefined, cold = false) {
    this.#folder = folder;
    this.#entries = cold || folder === undefined ? new Map() : read(folder);
  }

  get<T>(key: string): T | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.#touch(key, value);
    return value as T | undefined;
  }

  set(key: string, value: unknown): void {
    this.#touch(key, value);
  }

  /** Writes the file, merged with entries that other runs have saved meanwhile. Ignores write errors. */
  save(): void {
    if (this.#folder === undefined || this.#touched.size === 0) return;
    const theirs = [...read(this.#folder)].filter(([key]) => !this.#touched.has(key));
    const ours = [...this.#entries].filter(([key]) => this.#touched.has(key));
    write(this.#folder, newest([...theirs, ...ours]));
  }

  #touch(key: string, value: unknown): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    this.#touched.add(key);
  }
}

/** Returns the last entries that fit into `maxBytes`. */
function newest(entries: CacheFile['entries']): CacheFile['entries'] {
  let bytes = 0;
  const lastDropped = entries.findLastIndex((entry) => {
    bytes += Buffer.byteLength(JSON.stringify(entry)) + 1;
    return bytes > maxBytes;
  });
  return entries.slice(lastDropped + 1);
}

/** Returns no entries if the file is missing, damaged or of another schema; checks can recompute all of them. */
function read(folder: string): Map<string, unknown> {
  try {
    const content = JSON.parse(readFileSync(fileIn(folder), 'utf8')) as CacheFile;
    return new Map(content.schema === schema ? content.entries : []);
  } catch {
    return new Map();
  }
}

function write(folder: string, entries: CacheFile['entries']): void {
  try {
    writeAtomically(fileIn(folder), JSON.stringify({ schema, entries } satisfies CacheFile));
  } catch {
    // The next run recomputes the entries.
  }
}

const fileIn = (folder: string): string => join(folder, 'memory.json');
