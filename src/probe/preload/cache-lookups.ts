/** Counts the lookups of `lru-cache` by the line of the user's code that first used the cache. */
import { subscribe } from 'node:diagnostics_channel';
import { captureFrames } from '../record/caller-location.ts';
import { pathOf } from '../source/code-owner.ts';

/** Position in the code that runs, counted from 0, as in stack samples. */
export interface CodePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Lookups since the previous report. */
export interface LookupCount {
  /** Absent if no user code is on the stack, or for caches beyond the limit. */
  readonly position?: CodePosition | undefined;
  readonly hits: number;
  readonly misses: number;
}

type MutableCount = { -readonly [K in keyof LookupCount]: LookupCount[K] };

/** Message of `lru-cache`, which has the result under the name of the method: `{op: 'get', get: 'hit'}`. */
interface LookupMessage {
  readonly op?: unknown;
  readonly cache?: unknown;
  readonly [name: string]: unknown;
}

/** Maximum number of distinct lines with their own counts. */
const maxPositions = 200;
const maxFrames = 25;

export class CacheLookups {
  readonly #isUserCode: (file: string) => boolean;
  readonly #countsByCache = new WeakMap<object, MutableCount>();
  readonly #countsByPosition = new Map<string, MutableCount>();
  readonly #unplaced: MutableCount = { hits: 0, misses: 0 };

  constructor(isUserCode: (file: string) => boolean) {
    this.#isUserCode = isUserCode;
    const onMessage = (message: unknown): void => this.#count(message as LookupMessage, onMessage);
    subscribe('lru-cache:metrics', onMessage);
  }

  /** Returns and resets the counts that have changed. */
  drain(): readonly LookupCount[] {
    const changed = [this.#unplaced, ...this.#countsByPosition.values()].filter(
      ({ hits, misses }) => hits + misses > 0,
    );
    const drained = changed.map((count) => ({ ...count }));
    for (const count of changed) count.hits = count.misses = 0;
    return drained;
  }

  #count(message: LookupMessage, listener: (message: unknown) => void): void {
    const { op, cache } = message;
    const count = typeof cache === 'object' && cache !== null ? this.#countOf(cache, listener) : this.#unplaced;
    if (op !== 'get' && op !== 'memo') return;
    // Any result other than 'hit' counts as a miss, including 'stale': the cached value had expired.
    if (message[op] === 'hit') count.hits++;
    else count.misses++;
  }

  #countOf(cache: object, listener: (message: unknown) => void): MutableCount {
    const existing = this.#countsByCache.get(cache);
    if (existing) return existing;
    const position = this.#findPosition(listener);
    const count = position ? this.#countAt(position) : this.#unplaced;
    this.#countsByCache.set(cache, count);
    return count;
  }

  #countAt(position: CodePosition): MutableCount {
    const key = `${position.file}\0${position.line}`;
    const existing = this.#countsByPosition.get(key);
    if (existing) return existing;
    if (this.#countsByPosition.size >= maxPositions) return this.#unplaced;
    const count: MutableCount = { position, hits: 0, misses: 0 };
    this.#countsByPosition.set(key, count);
    return count;
  }

  /** Returns the position in the innermost function of the user's code. */
  #findPosition(listener: (message: unknown) => void): CodePosition | undefined {
    for (const frame of captureFrames(maxFrames, listener)) {
      const file = pathOf(frame.getFileName() ?? '');
      if (file === undefined || !this.#isUserCode(file)) continue;
      return { file, line: (frame.getLineNumber() ?? 1) - 1, column: (frame.getColumnNumber() ?? 1) - 1 };
    }
    return undefined;
  }
}
