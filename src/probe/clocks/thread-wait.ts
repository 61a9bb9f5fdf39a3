import { closeSync, openSync, readSync } from 'node:fs';

/**
 * Reports what a thread of this process waits for, from `/proc/self/task/ID/syscall` (see proc(5)): the system call with
 * its first argument. The event loop of a thread always waits in the same call for the same file.
 */
export class ThreadWait {
  readonly #buffer = Buffer.alloc(256);
  readonly #file: number;

  private constructor(file: number) {
    this.#file = file;
  }

  /** Returns undefined if the system does not report it. */
  static open(id: number): ThreadWait | undefined {
    try {
      const wait = new ThreadWait(openSync(`/proc/self/task/${id}/syscall`, 'r'));
      wait.read();
      return wait;
    } catch {
      return undefined;
    }
  }

  /** Returns a text that names the call, or undefined while the thread runs or once it has ended. */
  read(): string | undefined {
    try {
      const length = readSync(this.#file, this.#buffer, 0, this.#buffer.length, 0);
      const [call, argument] = this.#buffer.toString('latin1', 0, length).split(' ');
      return argument === undefined || call === '-1' ? undefined : `${call} ${argument}`;
    } catch {
      return undefined;
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}
