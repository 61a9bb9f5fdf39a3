/** Returns the nanoseconds since this thread's monotonic clock started. */
export function nowNs(): number {
  return performance.now() * 1e6;
}
