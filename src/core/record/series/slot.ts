/** Events of one scope during one slot of time. Can be merged into a longer slot and reset. */
import { BucketCounts } from '../bucket-counts.ts';

interface Level {
  sum: number;
  count: number;
  max: number;
}

export class Slot {
  count = 0;
  errors = 0;
  hits = 0;
  misses = 0;
  /** Increase of a counter. */
  amount = 0;
  readonly #buckets = new BucketCounts();
  readonly #levels = new Map<string, Level>();

  get lookups(): number {
    return this.hits + this.misses;
  }

  addCalls({ count, errors, hits, misses }: Pick<Slot, 'count' | 'errors' | 'hits' | 'misses'>): void {
    this.count += count;
    this.errors += errors;
    this.hits += hits;
    this.misses += misses;
  }

  addBuckets(pairs: readonly number[]): void {
    this.#buckets.add(pairs);
  }

  /** Records the current value of a level, which may rise and fall. */
  observe(name: string, value: number): void {
    const level = this.#levels.get(name);
    if (!level) {
      this.#levels.set(name, { sum: value, count: 1, max: value });
      return;
    }
    level.sum += value;
    level.count++;
    level.max = Math.max(level.max, value);
  }

  mean(name: string): number | null {
    const level = this.#levels.get(name);
    return level ? level.sum / level.count : null;
  }

  max(name: string): number | null {
    return this.#levels.get(name)?.max ?? null;
  }

  /** Returns the nearest-rank percentile of the timed calls in nanoseconds, or null if no call was timed. */
  valueAt(percentile: number): number | null {
    return this.#buckets.count > 0 ? (this.#buckets.valuesAt([percentile])[0] as number) : null;
  }

  merge(other: Slot): void {
    this.addCalls(other);
    this.amount += other.amount;
    this.#buckets.merge(other.#buckets);
    for (const [name, level] of other.#levels) {
      const existing = this.#levels.get(name);
      if (!existing) {
        this.#levels.set(name, { ...level });
        continue;
      }
      existing.sum += level.sum;
      existing.count += level.count;
      existing.max = Math.max(existing.max, level.max);
    }
  }

  reset(): void {
    this.count = this.errors = this.hits = this.misses = this.amount = 0;
    this.#buckets.clear();
    this.#levels.clear();
  }
}
