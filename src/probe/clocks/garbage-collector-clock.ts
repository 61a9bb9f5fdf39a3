import * as v8 from 'node:v8';

/** Reports of V8's `GCProfiler`, which Node 18.15 and 19.6 introduced. */
interface GarbageCollections {
  start(): void;
  stop(): { readonly statistics: readonly { readonly cost: number }[] } | undefined;
}

/** Clock of the time that the garbage collector takes from its thread. Reads V8's own statistics, so that no code runs then. */
export class GarbageCollectorClock {
  readonly #Profiler = (v8 as { readonly GCProfiler?: new () => GarbageCollections }).GCProfiler;
  #profiler = this.#start();

  /** Returns the time since the previous call, or undefined if it is not known. */
  drainNs(): number | undefined {
    const statistics = this.#profiler?.stop()?.statistics;
    if (!statistics) return undefined;
    this.#profiler = this.#start();
    return statistics.reduce((sum, { cost }) => sum + cost, 0) * 1000;
  }

  #start(): GarbageCollections | undefined {
    if (!this.#Profiler) return undefined;
    const profiler = new this.#Profiler();
    profiler.start();
    return profiler;
  }
}
