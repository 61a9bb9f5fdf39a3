import { closeSync, openSync, readSync } from 'node:fs';

/** State of a thread, as far as the system reports it. */
export interface ThreadUse {
  /** CPU time since the start of the thread. */
  readonly cpuNs: number;
  /** True if the thread runs or waits for a free processor. */
  readonly isRunnable: boolean;
}

/** Reads the CPU time of another thread, of this process or of another one. Only Linux offers that: see `schedstat` and `stat` in proc(5). */
export class ThreadClock {
  readonly #buffer = Buffer.alloc(512);
  readonly #schedstat: number;
  readonly #stat: number;

  private constructor(folder: string) {
    this.#schedstat = openSync(`${folder}/schedstat`, 'r');
    this.#stat = openSync(`${folder}/stat`, 'r');
  }

  /**
   * Returns the clock of a thread, or undefined if the system does not offer one.
   *
   * @param id the number of the thread in the system
   * @param pid its process
   */
  static open(id: number, pid: number | 'self' = 'self'): ThreadClock | undefined {
    try {
      const clock = new ThreadClock(`/proc/${pid}/task/${id}`);
      return Number.isFinite(clock.readCpuNs()) ? clock : undefined;
    } catch {
      return undefined;
    }
  }

  /** Returns undefined once the thread has ended. */
  read(): ThreadUse | undefined {
    try {
      const stat = this.#readText(this.#stat);
      // The name of the thread, in parentheses, may contain anything.
      const state = stat[stat.lastIndexOf(')') + 2];
      return { cpuNs: this.readCpuNs(), isRunnable: state === 'R' };
    } catch {
      return undefined;
    }
  }

  /** Throws once the thread has ended. */
  readCpuNs(): number {
    const cpuNs = Number.parseInt(this.#readText(this.#schedstat), 10);
    // The file of a thread that has ended can be empty.
    if (!Number.isFinite(cpuNs)) throw new Error('The thread has ended.');
    return cpuNs;
  }

  close(): void {
    closeSync(this.#schedstat);
    closeSync(this.#stat);
  }

  #readText(file: number): string {
    const length = readSync(file, this.#buffer, 0, this.#buffer.length, 0);
    return this.#buffer.toString('latin1', 0, length);
  }
}
