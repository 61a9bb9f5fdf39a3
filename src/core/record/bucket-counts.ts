/**
 * Number of calls per bucket of `buckets.ts`. Only the pages in use are kept, because the durations of an operation lie
 * close together and ten thousand operations must fit into memory.
 */
import { bucketCount, highestOf } from '../../protocol/batch/buckets.ts';
import type { MemoryBudget } from '../../protocol/batch/memory-budget.ts';

const pageBits = 5;
const pageSize = 1 << pageBits;
const pageMask = pageSize - 1;
/** Estimated size of a page. */
const pageBytes = pageSize * 8 + 32;

export class BucketCounts {
  readonly #budget: MemoryBudget | undefined;
  #pages: (number[] | undefined)[] = [];
  #count = 0;

  /** @param budget takes the memory of the pages; calls without a page are not kept */
  constructor(budget?: MemoryBudget) {
    this.#budget = budget;
  }

  /** Number of calls in all buckets. */
  get count(): number {
    return this.#count;
  }

  /** Adds pairs of a bucket and a number of calls. Returns the number of calls that no bucket could take. */
  add(pairs: readonly number[]): number {
    let skipped = 0;
    for (let index = 0; index + 1 < pairs.length; index += 2) {
      const calls = pairs[index + 1] as number;
      if (!this.#addCalls(pairs[index] as number, calls)) skipped += calls;
    }
    return skipped;
  }

  merge(other: BucketCounts): void {
    other.visit((bucket, calls) => {
      this.#addCalls(bucket, calls);
    });
  }

  clear(): void {
    if (this.#count === 0) return;
    this.#pages = [];
    this.#count = 0;
  }

  /** Calls a function for each bucket that has calls, the shortest durations first, until it returns false. */
  visit(onBucket: (bucket: number, calls: number) => unknown): void {
    for (let index = 0; index < this.#pages.length; index++) {
      const page = this.#pages[index];
      if (!page) continue;
      for (let offset = 0; offset < pageSize; offset++) {
        const calls = page[offset] as number;
        if (calls > 0 && onBucket((index << pageBits) | offset, calls) === false) return;
      }
    }
  }

  /**
   * Returns the nearest-rank values at percentiles from 0 to 100 in ascending order, in nanoseconds. Each value is the
   * highest one of its bucket, as HdrHistogram defines it. Returns zeros if there are no calls.
   */
  valuesAt(percentiles: readonly number[]): number[] {
    const ranks = percentiles.map((percentile) => rankOf(percentile, this.#count));
    const values: number[] = [];
    let seen = 0;
    this.visit((bucket, calls) => {
      seen += calls;
      while (values.length < ranks.length && seen >= (ranks[values.length] as number)) values.push(highestOf(bucket));
      return values.length < ranks.length;
    });
    return percentiles.map((_, index) => values[index] ?? 0);
  }

  /** Returns false if no bucket can take the calls. */
  #addCalls(bucket: number, calls: number): boolean {
    if (bucket >= bucketCount) return false;
    const page = this.#pages[bucket >> pageBits] ?? this.#addPage(bucket >> pageBits);
    if (!page) return false;
    page[bucket & pageMask] = (page[bucket & pageMask] as number) + calls;
    this.#count += calls;
    return true;
  }

  #addPage(index: number): number[] | undefined {
    if (this.#budget && !this.#budget.take(pageBytes)) return undefined;
    const page = new Array<number>(pageSize).fill(0);
    this.#pages[index] = page;
    return page;
  }
}

/** Returns the nearest rank, one-based, of a percentile among `count` values. */
export function rankOf(percentile: number, count: number): number {
  return Math.max(1, Math.ceil((percentile / 100) * count - 1e-9));
}
