/** Cooperative scheduling for long loops on a thread that others share. */
import { setImmediate } from 'node:timers/promises';

/** Maximum time in milliseconds that a loop holds the event loop. */
const maxHoldMs = 5;

/** Resolves after the event loop has run its pending callbacks once. */
export function yieldToLoop(): Promise<void> {
  return setImmediate();
}

/**
 * Creates a function to await once per iteration of a long loop. It yields to the event loop only if the loop has held it
 * for longer than `maxHoldMs`, so that calling it is cheap.
 */
export function createYielder(): () => Promise<void> | undefined {
  let heldSinceMs = performance.now();
  return () => {
    if (performance.now() - heldSinceMs < maxHoldMs) return undefined;
    return yieldToLoop().then(() => {
      heldSinceMs = performance.now();
    });
  };
}
