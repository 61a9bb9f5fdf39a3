import type { ThreadStacks } from '../../protocol/stacks.ts';

/**
 * Returns the threads whose times may be added up: those with CPU time, or the trees of spans, in wall time, if there are
 * no others.
 */
export function addableThreads(threads: readonly ThreadStacks[]): readonly ThreadStacks[] {
  const sampled = threads.filter(({ kind }) => kind === undefined);
  return sampled.length > 0 ? sampled : threads;
}
