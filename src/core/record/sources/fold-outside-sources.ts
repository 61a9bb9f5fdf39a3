import type { ProcessState } from '../../../protocol/snapshot.ts';

/**
 * Joins the state of a main thread that was read from outside with that of the same process as it reports itself.
 *
 * @param outside names of the sources that were read from outside
 */
export function foldOutsideSources(states: readonly ProcessState[], outside: ReadonlySet<string>): ProcessState[] {
  if (outside.size === 0) return [...states];
  const read = states.filter(({ source }) => outside.has(source));
  const reported = states.filter(({ source }) => !outside.has(source));
  const sampledNs = new Map<ProcessState, number>();
  const separate = read.filter((state) => {
    // A process that has executed another program has several, of which the newest is last.
    const same = reported.findLast(({ pid, threadId }) => state.threadId === 0 && threadId === 0 && pid === state.pid);
    if (same) sampledNs.set(same, (sampledNs.get(same) ?? same.sampledNs ?? 0) + (state.sampledNs ?? 0));
    return !same;
  });
  const joined = reported.map((state) => {
    const joinedNs = sampledNs.get(state);
    return joinedNs === undefined ? state : { ...state, sampledNs: joinedNs };
  });
  return [...joined, ...separate];
}
