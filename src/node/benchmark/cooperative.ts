/** Long work beside other work: a generator is driven for a few milliseconds at a time, then others have their turn. */
import { setImmediate } from 'node:timers/promises';

const sliceMs = 8;

/** Rejects with the signal's reason when cancelled. */
export async function inSlices<T>(work: Generator<unknown, T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    const endMs = performance.now() + sliceMs;
    while (performance.now() < endMs) {
      const step = work.next();
      if (step.done) return step.value;
    }
    await setImmediate();
    signal?.throwIfAborted();
  }
}
