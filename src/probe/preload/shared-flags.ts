/** The few words that a program's threads and the sampler share in memory, so that starting and ending wait for each other. */

/** Threads that are waited for at their end; later ones lose at most their last beat. */
const threads = 256;
/** Order of a thread's life. */
const idle = 0;
const present = 1;
const running = 2;
const ending = 3;

/** One state and one answer for each thread. */
export const flagBytes = threads * 2 * Int32Array.BYTES_PER_ELEMENT;

export class Flags {
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  /** In the thread: says that it can be looked at, and waits until it is. */
  waitForStart(threadId: number, longestMs: number): void {
    if (threadId >= threads) return;
    Atomics.store(this.#words, 2 * threadId, present);
    Atomics.notify(this.#words, 2 * threadId);
    Atomics.wait(this.#words, 2 * threadId, present, longestMs);
  }

  /** In the thread, at its end: waits until the last of it has left. V8 answers the inspector meanwhile. */
  waitForEnd(threadId: number, longestMs: number): void {
    if (threadId >= threads) return;
    const [state, answer] = [2 * threadId, 2 * threadId + 1];
    // One that the sampler has not come to yet is told of all the same.
    const before = Atomics.load(this.#words, state);
    if (before !== running && before !== present) return;
    Atomics.store(this.#words, state, ending);
    Atomics.notify(this.#words, state);
    Atomics.wait(this.#words, answer, idle, longestMs);
  }

  /** In the sampler: resolves when the thread can be looked at. */
  present(threadId: number): Promise<void> {
    return this.#leaves(threadId, idle);
  }

  /** In the sampler: the thread is looked at. Resolves when it ends. */
  started(threadId: number): Promise<void> {
    if (threadId < threads) {
      Atomics.compareExchange(this.#words, 2 * threadId, present, running);
      Atomics.notify(this.#words, 2 * threadId);
    }
    return this.#leaves(threadId, running);
  }

  /** In the sampler: nothing more is to come, whoever waits may go. */
  done(threadId: number): void {
    if (threadId >= threads) return;
    Atomics.store(this.#words, 2 * threadId, ending);
    Atomics.store(this.#words, 2 * threadId + 1, 1);
    Atomics.notify(this.#words, 2 * threadId);
    Atomics.notify(this.#words, 2 * threadId + 1);
  }

  async #leaves(threadId: number, state: number): Promise<void> {
    if (threadId >= threads) return;
    while (Atomics.load(this.#words, 2 * threadId) === state) {
      await Atomics.waitAsync(this.#words, 2 * threadId, state).value;
    }
  }
}
