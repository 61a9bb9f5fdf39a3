/** Heat of a function: its share of the run's self time, and the color level for it. */
import type { Snapshot } from '../../protocol/snapshot.ts';

type HeatLevel = 'low' | 'medium' | 'high';

/** Levels with a contributed color, `pipescope.heat.*`. */
export const heatLevels: readonly HeatLevel[] = ['low', 'medium', 'high'];

/** Returns a value from 0 to 1: the square root of the share, so that small shares remain distinguishable. */
export function heatOf(selfNs: number, totalNs: number): number {
  return totalNs > 0 ? Math.min(1, Math.sqrt(Math.max(0, selfNs) / totalNs)) : 0;
}

export function heatLevel(heat: number): HeatLevel {
  if (heat < 1 / 3) return 'low';
  return heat < 2 / 3 ? 'medium' : 'high';
}

/**
 * Estimates the number of stack samples of a run: the sampled self time divided by the time that one sample stands for.
 * Every sample adds self time to exactly one operation, but counts for every operation on the stack.
 */
export function sampleCount({ operations }: Pick<Snapshot, 'operations'>): number {
  const sampled = operations.filter(({ source, samples = 0 }) => source === 'sampled' && samples > 0);
  const samples = sampled.reduce((sum, { samples = 0 }) => sum + samples, 0);
  const totalNs = sampled.reduce((sum, operation) => sum + operation.totalNs, 0);
  const selfNs = sampled.reduce((sum, { selfNs = 0 }) => sum + selfNs, 0);
  const maxSamples = Math.max(0, ...sampled.map(({ samples = 0 }) => samples));
  return totalNs > 0 ? Math.max(maxSamples, Math.round((selfNs * samples) / totalNs)) : maxSamples;
}
