/** Lets what else waits have its turn, in long loops of cheap checks. */
import { setImmediate } from 'node:timers/promises';

/** Nothing waits much longer than this. */
const holdMs = 5;

/** To be awaited in each round of a loop; it takes no turn until one is due. */
export function paced(): () => Promise<void> | undefined {
  let sinceMs = performance.now();
  return () => {
    if (performance.now() - sinceMs < holdMs) return undefined;
    return setImmediate().then(() => {
      sinceMs = performance.now();
    });
  };
}
