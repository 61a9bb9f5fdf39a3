/** What the checks remember of a workspace between runs: one file of bounded size, replaced whole. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Memory } from './check.ts';

const schema = 'pipescope-memory/1';
/** Of the file; the entries that were used longest ago go first. */
const maxBytes = 4 * 1024 * 1024;

interface Content {
  readonly schema: typeof schema;
  /** The oldest first. */
  readonly entries: readonly (readonly [string, unknown])[];
}

export class Store implements Memory {
  readonly #folder: string | undefined;
  readonly #entries: Map<string, unknown>;
  readonly #touched = new Set<string>();

  /** @param folder without one, all is forgotten at the end */
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

  /** Writes it down, with what other runs have remembered meanwhile. A run does not fail because this does. */
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

/** The last entries that fit. */
function newest(entries: readonly (readonly [string, unknown])[]): Content['entries'] {
  let bytes = 0;
  const first = entries.findLastIndex((entry) => {
    bytes += Buffer.byteLength(JSON.stringify(entry)) + 1;
    return bytes > maxBytes;
  });
  return entries.slice(first + 1);
}

/** A file that is missing, damaged or of another kind is as good as none: it holds only what can be found again. */
function read(folder: string): Map<string, unknown> {
  try {
    const content = JSON.parse(readFileSync(fileIn(folder), 'utf8')) as Content;
    return new Map(content.schema === schema ? content.entries : []);
  } catch {
    return new Map();
  }
}

function write(folder: string, entries: Content['entries']): void {
  const draft = join(folder, `memory-${randomUUID()}.tmp`);
  try {
    mkdirSync(folder, { recursive: true });
    try {
      writeFileSync(draft, JSON.stringify({ schema, entries } satisfies Content));
      renameSync(draft, fileIn(folder));
    } finally {
      rmSync(draft, { force: true });
    }
  } catch {
    // Then the next run finds it all again.
  }
}

const fileIn = (folder: string): string => join(folder, 'memory.json');
