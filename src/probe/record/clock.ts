/** Bound at the start, because programs replace the clock, for example in their tests. */
const now = performance.now.bind(performance);

/** Returns the nanoseconds since this thread's monotonic clock started. */
export function nowNs(): number {
  return now() * 1e6;
}
