/** How hot a place is: its share of all the time that is known, as a colour that people may change. */
import type { OperationState, Snapshot } from '../../protocol/snapshot.ts';

export type Heat = 'low' | 'medium' | 'high';

/** Contributed colours, by heat. */
export const heats: readonly Heat[] = ['low', 'medium', 'high'];

/** From 0 to 1: the root of the share, so that small shares can still be told apart. */
export function warmth(ownNs: number, allNs: number): number {
  return allNs > 0 ? Math.min(1, Math.sqrt(Math.max(0, ownNs) / allNs)) : 0;
}

export function heatOf(warmth: number): Heat {
  if (warmth < 1 / 3) return 'low';
  return warmth < 2 / 3 ? 'medium' : 'high';
}

/** Its own time where that is known, else all that it took. */
export function ownNs({ selfNs, totalNs }: OperationState): number {
  return selfNs ?? totalNs;
}

export function allOwnNs({ operations }: Pick<Snapshot, 'operations'>): number {
  return operations.reduce((sum, operation) => sum + ownNs(operation), 0);
}

/** Looks at the stack that saw anything: the time they all tell by what one look stands for. */
export function looksOf({ operations }: Pick<Snapshot, 'operations'>): number {
  const sampled = operations.filter(({ source, samples = 0 }) => source === 'sampled' && samples > 0);
  const looks = sampled.reduce((sum, { samples = 0 }) => sum + samples, 0);
  const totalNs = sampled.reduce((sum, operation) => sum + operation.totalNs, 0);
  const selfNs = sampled.reduce((sum, { selfNs = 0 }) => sum + selfNs, 0);
  const most = Math.max(0, ...sampled.map(({ samples = 0 }) => samples));
  return totalNs > 0 ? Math.max(most, Math.round((selfNs * looks) / totalNs)) : most;
}
