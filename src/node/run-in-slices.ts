/** Runs long computations in short slices, so that the event loop stays responsive. */
import { yieldToLoop } from '../process/yield-to-loop.ts';

const sliceMs = 8;

/**
 * Drives a generator to its end and yields to the event loop after each slice. Rejects with the signal's reason if it
 * is cancelled.
 */
export async function runInSlices<T>(work: Generator<unknown, T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    const endMs = performance.now() + sliceMs;
    while (performance.now() < endMs) {
      const step = work.next();
      if (step.done) return step.value;
    }
    await yieldToLoop();
    signal?.throwIfAborted();
  }
}
