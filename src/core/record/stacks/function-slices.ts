import type { FunctionSlices } from '../../code/run-code.ts';
import type { OperationTotals } from '../operation-totals.ts';
import type { SourceStacks, TimeRange } from './source-stacks.ts';

/** Returns the CPU time of each function itself by slice of time, in slices as long as the longest of all sources. */
export function functionSlices(sources: readonly SourceStacks[], range: TimeRange): FunctionSlices {
  const threads = sources.map((stacks) => ({ stacks, ...stacks.slices(range) }));
  // Each length is the shortest one times a power of two.
  const stepNs = Math.max(1e9, ...threads.map((thread) => thread.stepNs));
  const slices = new Map<number, Map<OperationTotals, number>>();
  for (const { stacks, slices: recorded, stepNs: recordedNs } of threads) {
    for (const [index, sums] of recorded) {
      const slice = Math.floor((index * recordedNs) / stepNs);
      const times = slices.get(slice) ?? new Map<OperationTotals, number>();
      slices.set(slice, times);
      for (const [node, { cpuNs }] of sums) {
        const called = stacks.functionOf(node);
        if (called) times.set(called, (times.get(called) ?? 0) + cpuNs);
      }
    }
  }
  return { stepNs, slices };
}
