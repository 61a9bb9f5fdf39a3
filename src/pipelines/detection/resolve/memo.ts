/**
 * Caches of results that may depend on each other in cycles. A result is the same in whatever order results are requested.
 *
 * Results that depend on each other form a group: a strongly connected component, as in Tarjan's algorithm (1972). At
 * first, all results of a group are unknown. In each round, they are computed from those of the round before, until they
 * stay the same. Only the last values are cached.
 */
import { isEqual } from './is-equal.ts';

/** Limits recursion, because the stack is limited. Deeper results are unknown. */
const maxLevels = 200;
/** Limits the rounds for results that never stay the same. */
const maxRounds = 40;

type Cache = Map<unknown, unknown>;

/** A result that is being computed, or that depends on one that is. */
class Open {
  readonly index: number;
  readonly cache: Cache;
  readonly key: unknown;
  readonly compute: () => unknown;
  /** Results of the same group that this one was computed from. */
  sources = new Set<Open>();
  /** Value of the last round. */
  value: unknown = undefined;

  constructor(index: number, cache: Cache, key: unknown, compute: () => unknown) {
    this.index = index;
    this.cache = cache;
    this.key = key;
    this.compute = compute;
  }
}

export class Memo {
  /** Results in the order of their first request. Groups are contiguous. */
  readonly #open: Open[] = [];
  #current: Open | undefined;
  /** Lowest index of an open result that the current one depends on. */
  #lowest = Number.POSITIVE_INFINITY;
  #level = 0;

  /** Returns the result, or undefined if it is unknown or needed for itself. */
  get<Key, Result>(
    cache: Map<Key, Result | undefined | Open>,
    key: Key,
    compute: () => Result | undefined,
  ): Result | undefined {
    const cached = cache.get(key);
    if (cached instanceof Open) {
      this.#depend(cached);
      return cached.value as Result | undefined;
    }
    if (cached !== undefined || cache.has(key)) return cached;
    if (this.#level >= maxLevels) {
      // Results that lack this one are not cached, so that it is computed when it is requested from elsewhere.
      this.#lowest = -1;
      return undefined;
    }
    const open = new Open(this.#open.length, cache as Cache, key, compute);
    cache.set(key, open);
    this.#open.push(open);
    const outer = this.#lowest;
    try {
      const value = this.#compute(open);
      const isAlone = this.#open.length === open.index + 1 && this.#lowest > open.index;
      if (isAlone) {
        this.#open.pop();
        cache.set(key, value as Result | undefined);
        this.#lowest = outer;
        return value as Result | undefined;
      }
      if (this.#lowest >= open.index && this.#iterate(open.index)) {
        const result = open.value as Result | undefined;
        for (const member of this.#open.splice(open.index)) member.cache.set(member.key, member.value);
        this.#lowest = outer;
        return result;
      }
    } catch (error) {
      this.#discard(open.index);
      throw error;
    }
    const isIncomplete = this.#lowest < 0;
    this.#lowest = Math.min(this.#lowest, outer);
    if (isIncomplete) {
      const { value } = open;
      this.#discard(open.index);
      if (this.#level === 0) this.#lowest = Number.POSITIVE_INFINITY;
      return value as Result | undefined;
    }
    this.#depend(open);
    return undefined;
  }

  #depend(open: Open): void {
    this.#lowest = Math.min(this.#lowest, open.index);
    this.#current?.sources.add(open);
  }

  /** Computes one result. Afterwards, `#lowest` is the lowest index that it depends on. */
  #compute(open: Open): unknown {
    const outer = this.#current;
    this.#current = open;
    this.#lowest = Number.POSITIVE_INFINITY;
    this.#level++;
    open.sources = new Set();
    try {
      return open.compute();
    } finally {
      this.#level--;
      this.#current = outer;
    }
  }

  /** Computes a group until its results stay the same. Returns false if it turns out to depend on further open results. */
  #iterate(start: number): boolean {
    let members = this.#open.slice(start);
    for (const member of members) member.value = undefined;
    let changed: ReadonlySet<Open> | undefined;
    for (let round = 0; round < maxRounds; round++) {
      const next: [member: Open, value: unknown][] = [];
      for (const member of members) {
        if (changed && !hasAny(changed, member.sources)) continue;
        next.push([member, this.#compute(member)]);
        if (this.#lowest < start) {
          for (const each of this.#open.slice(start)) each.value = undefined;
          return false;
        }
      }
      if (this.#open.length > start + members.length) {
        // New values have led to further results of the group.
        members = this.#open.slice(start);
        for (const member of members) member.value = undefined;
        changed = undefined;
        continue;
      }
      const updated = next.filter(([member, value]) => !isEqual(member.value, value));
      if (updated.length === 0) return true;
      for (const [member, value] of updated) member.value = value;
      changed = new Set(updated.map(([member]) => member));
    }
    return true;
  }

  #discard(start: number): void {
    for (const { cache, key } of this.#open.splice(start)) cache.delete(key);
  }
}

function hasAny(set: ReadonlySet<Open>, items: ReadonlySet<Open>): boolean {
  for (const item of items) if (set.has(item)) return true;
  return false;
}
