/**
 * Caches of results that may depend on each other in cycles. A result is only cached if it does not depend on a result
 * that is being computed further out, so that it is the same in whatever order results are requested.
 */

/** Limits recursion. Deeper results are unknown. */
const maxLevels = 60;
/** Limits the results that are computed for one request, because results in cycles are computed again and again. */
const maxResults = 300;

interface Pending {
  readonly level: number;
}

export class Memo {
  #level = 0;
  /** Level of the outermost pending result that the current one depends on. */
  #dependency = Number.POSITIVE_INFINITY;
  #results = 0;

  /** Returns the cached result, or undefined if it is being computed. */
  get<Key, Result>(
    cache: Map<Key, Result | undefined | Pending>,
    key: Key,
    compute: () => Result | undefined,
  ): Result | undefined {
    const cached = cache.get(key);
    if (isPending(cached)) {
      this.#dependency = Math.min(this.#dependency, cached.level);
      return undefined;
    }
    if (cached !== undefined || cache.has(key)) return cached;
    if (this.#level === 0) this.#results = 0;
    if (this.#level >= maxLevels || this.#results++ > maxResults) {
      this.#dependency = 0;
      return undefined;
    }
    const level = ++this.#level;
    const outer = this.#dependency;
    this.#dependency = Number.POSITIVE_INFINITY;
    cache.set(key, { [pending]: true, level } as Pending);
    try {
      const result = compute();
      if (this.#dependency >= level) {
        cache.set(key, result);
        this.#dependency = outer;
      } else {
        cache.delete(key);
        this.#dependency = Math.min(this.#dependency, outer);
      }
      return result;
    } finally {
      this.#level--;
      if (this.#level === 0) this.#dependency = Number.POSITIVE_INFINITY;
    }
  }
}

const pending: unique symbol = Symbol('pending');

function isPending(value: unknown): value is Pending {
  return typeof value === 'object' && value !== null && pending in value;
}
