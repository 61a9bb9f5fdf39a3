import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Resolves with true once a promise is resolved or rejected, or with false after `maxMs`. The timer does not keep this
 * process alive.
 */
export function settlesWithin(promise: Promise<unknown>, maxMs: number): Promise<boolean> {
  const settled = promise.then(
    () => true,
    () => true,
  );
  return Promise.race([settled, sleep(maxMs, false, { ref: false })]);
}
