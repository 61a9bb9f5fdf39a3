import * as v8 from 'node:v8';

/** Reports of V8's `GCProfiler`, which Node 18.15 and 19.6 introduced. */
interface GarbageCollections {
  start(): void;
  stop(): { readonly statistics: readonly { readonly cost: number }[] } | undefined;
}

/** Time that the profiler adds to a collection, because it collects statistics of the heap. Measured: 1.2 to 1.8 ms. */
const profilerCostMs = 1.2;
/** Maximum share of the time that the profiler may take. */
const maxCostRatio = 0.005;
/** Weight of the newest period in the rate of collections. */
const weight = 0.2;

/**
 * Clock of the time that the garbage collector takes from its thread. Reads V8's own statistics, so that no code runs then.
 *
 * V8 takes longer for these statistics than for many a collection. Therefore only some of the periods between two calls are
 * observed, chosen at random. An observed period stands for as many others as its probability says, so that the sum is right on
 * average. While collections are rare, all periods are observed and the sum is exact.
 */
export class GarbageCollectorClock {
  readonly #Profiler = (v8 as { readonly GCProfiler?: new () => GarbageCollections }).GCProfiler;
  // Kept, because programs replace the properties of `performance`.
  readonly #now = performance.now.bind(performance);
  /** State of a random generator. A call of `Math.random` would change the numbers that the program gets with a fixed seed. */
  #randomState = Math.trunc(performance.timeOrigin * 1000) | 1;
  /** The period that is observed, and the number of periods for which it stands. */
  #observed: { readonly profiler: GarbageCollections; readonly periods: number; readonly startMs: number } | undefined;
  #collectionsPerMs = 0;
  #hasRate = false;
  #sumNs = 0;
  #drainedMs = this.#now();

  constructor() {
    this.#begin();
  }

  /** Ends a period, unless collections are rare. Called at each stack sample, so that periods are short. */
  tick(): void {
    if (this.#hasRate && this.#periods === 1) return;
    this.#next();
  }

  /** Returns the time since the previous call, or undefined if it is not known. */
  drainNs(): number | undefined {
    if (!this.#Profiler) return undefined;
    this.#next();
    const nowMs = this.#now();
    // A period that stands for many can claim more time than there was.
    const sumNs = Math.min(this.#sumNs, (nowMs - this.#drainedMs) * 1e6);
    this.#sumNs = 0;
    this.#drainedMs = nowMs;
    return sumNs;
  }

  /** Number of periods of which one is observed. */
  get #periods(): number {
    return Math.max(1, (this.#collectionsPerMs * profilerCostMs) / maxCostRatio);
  }

  #next(): void {
    this.#end();
    this.#begin();
  }

  #begin(): void {
    if (!this.#Profiler) return;
    const periods = this.#periods;
    if (this.#nextRandom() * periods >= 1) return;
    const profiler = new this.#Profiler();
    profiler.start();
    this.#observed = { profiler, periods, startMs: this.#now() };
  }

  /** Returns a number from 0 to 1, by Marsaglia's xorshift. */
  #nextRandom(): number {
    let state = this.#randomState;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#randomState = state;
    return (state >>> 0) / 2 ** 32;
  }

  #end(): void {
    if (!this.#observed) return;
    const { profiler, periods, startMs } = this.#observed;
    this.#observed = undefined;
    const { statistics = [] } = profiler.stop() ?? {};
    const elapsedMs = Math.max(1, this.#now() - startMs);
    this.#collectionsPerMs += weight * (statistics.length / elapsedMs - this.#collectionsPerMs);
    this.#hasRate = true;
    this.#sumNs += statistics.reduce((sum, { cost }) => sum + cost, 0) * 1000 * periods;
  }
}
