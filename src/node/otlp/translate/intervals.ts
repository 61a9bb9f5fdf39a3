/** Time from a start to an end, in nanoseconds. */
export type SpanInterval = readonly [start: number, end: number];

/** Returns the parts of an interval that are in none of the others, in order. */
export function subtractIntervals(
  [start, end]: SpanInterval,
  others: readonly SpanInterval[],
): readonly SpanInterval[] {
  const rest: SpanInterval[] = [];
  let from = start;
  for (const [otherStart, otherEnd] of [...others].sort((left, right) => left[0] - right[0])) {
    if (otherStart >= end) break;
    if (otherStart > from) rest.push([from, otherStart]);
    from = Math.max(from, otherEnd);
  }
  if (from < end) rest.push([from, end]);
  return rest;
}

/** Returns the sum of the lengths of intervals. */
export function lengthOf(intervals: readonly SpanInterval[]): number {
  return intervals.reduce((sum, [start, end]) => sum + end - start, 0);
}
