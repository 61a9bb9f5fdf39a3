/** Formats 95 % intervals. An interval that does not exist, because there were too few runs for it, reads as a dash. */
import type { Judgement } from '../../protocol/panel/benchmark-state.ts';
import { change, duration, missing } from '../format.ts';
import type { BenchCase } from './bench-report.ts';

/** Returns the interval of a median: `1.02 s to 1.08 s`. */
export function formatMedianInterval({ lowNs, highNs }: Pick<BenchCase, 'lowNs' | 'highNs'>, separator = 'to'): string {
  if (lowNs === undefined || highNs === undefined) return missing;
  return `${duration(lowNs)} ${separator} ${duration(highNs)}`;
}

/** Returns the interval of a ratio as changes: `+2 % to +5 %`. */
export function formatChangeInterval({ lowRatio, highRatio }: Pick<Judgement, 'lowRatio' | 'highRatio'>): string {
  if (lowRatio === undefined || highRatio === undefined) return missing;
  return `${change(lowRatio - 1)} to ${change(highRatio - 1)}`;
}
