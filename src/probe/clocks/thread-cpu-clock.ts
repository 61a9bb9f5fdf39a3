import { readFileSync, readlinkSync } from 'node:fs';

/** Clock of the CPU time of its thread. */
export class ThreadCpuClock {
  // Bound at the start, because programs replace the functions of `fs` and `process`.
  readonly #readText = readFileSync;
  readonly #usage = (
    process as { readonly threadCpuUsage?: () => { readonly user: number; readonly system: number } }
  ).threadCpuUsage?.bind(process);
  #drainedNs: number | undefined;

  /** Starts to count, unless it has started before. */
  start(): void {
    this.#drainedNs ??= this.#read();
  }

  /** Returns the CPU time since the previous call, or since the start. Undefined if it is not known. */
  drainNs(): number | undefined {
    const previousNs = this.#drainedNs;
    if (previousNs === undefined) return undefined;
    this.#drainedNs = this.#read();
    return this.#drainedNs && this.#drainedNs - previousNs;
  }

  /** Returns the CPU time since the start of the thread. Undefined if it is not known. */
  readNs(): number | undefined {
    return this.#read();
  }

  /** Before Node 23.9, only Linux reports the CPU time of a thread: see `schedstat` in proc(5). */
  #read(): number | undefined {
    try {
      if (this.#usage) {
        const { user, system } = this.#usage();
        return (user + system) * 1000;
      }
      if (process.platform !== 'linux') return undefined;
      const cpuNs = Number(this.#readText('/proc/thread-self/schedstat', 'latin1').split(' ')[0]);
      return Number.isFinite(cpuNs) ? cpuNs : undefined;
    } catch {
      return undefined;
    }
  }
}

/** Returns the number of this thread in the system, or undefined if the system does not report it. */
export function readSystemThreadId(): number | undefined {
  try {
    return process.platform === 'linux' ? Number(readlinkSync('/proc/thread-self').split('/').at(-1)) : undefined;
  } catch {
    return undefined;
  }
}
