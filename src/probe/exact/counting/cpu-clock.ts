/** CPU time of this thread; on versions of Node that cannot tell it, that of the process. */

/** Maximum age of a reading. A reading takes about one microsecond, so it may not be taken for every call. */
const maxAgeMs = 1;
/** Shortest call whose waiting is measured. */
export const minWaitNs = 2e6;

type ThreadProcess = typeof process & { threadCpuUsage?: () => NodeJS.CpuUsage };

export class CpuClock {
  readonly #usage = (process as ThreadProcess).threadCpuUsage?.bind(process) ?? process.cpuUsage.bind(process);
  #readAtMs = Number.NEGATIVE_INFINITY;
  #cpuNs = 0;

  /** Returns the CPU time at this time of the thread's clock, or at most a millisecond before. */
  at(nowMs: number): number {
    return nowMs - this.#readAtMs > maxAgeMs ? this.#read(nowMs) : this.#cpuNs;
  }

  /** Returns how long a call that ends now has waited, for example in a system call or for a processor. */
  waitedNs(nowMs: number, durationNs: number, startCpuNs: number): number {
    return Math.max(0, durationNs - (this.#read(nowMs) - startCpuNs));
  }

  #read(nowMs: number): number {
    const { user, system } = this.#usage();
    this.#cpuNs = (user + system) * 1000;
    this.#readAtMs = nowMs;
    return this.#cpuNs;
  }
}
