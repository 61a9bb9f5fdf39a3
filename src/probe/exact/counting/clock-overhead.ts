/** Returns the time between two successive readings of a clock of milliseconds: the minimum of many, in nanoseconds. */
export function clockOverheadNs(now: () => number): number {
  let minMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 500; round++) {
    const startMs = now();
    minMs = Math.min(minMs, now() - startMs);
  }
  return minMs * 1e6;
}
