/** Times of additional reports after the start. They are early, because a short program may be killed at any time. */
const earlyBeatsMs = [25, 50, 100, 175];
const beatIntervalMs = 250;

/**
 * Calls `onBeat` every 250 ms and more often at the start, without keeping the process alive. Returns a function that stops.
 *
 * All timers are created at once, because a program may later replace `setTimeout`, for example in its tests.
 */
export function startBeats(onBeat: () => void): () => void {
  const timers = [...earlyBeatsMs.map((delayMs) => setTimeout(onBeat, delayMs)), setInterval(onBeat, beatIntervalMs)];
  for (const timer of timers) timer.unref();
  return () => {
    for (const timer of timers) timer.close();
  };
}
