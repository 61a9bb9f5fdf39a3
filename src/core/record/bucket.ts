/** The bucket of HdrHistogram's layout for a value, without the library: for what only passes values on. */

/** Largest value that is told apart: one hour in nanoseconds. */
export const highestNs = 3_600_000_000_000;

/** Bucket of the layout that holds a value in nanoseconds; beyond an hour is an hour, below zero or no number is zero. */
export function bucketOf(valueNs: number): number {
  const value = Math.floor(Math.min(valueNs, highestNs));
  if (!(value >= 256)) return value > 0 ? value : 0;
  const doubling = Math.floor(Math.log2(value)) - 7;
  return doubling * 128 + Math.floor(value / 2 ** doubling);
}
