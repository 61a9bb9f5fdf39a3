import type { Batch } from '../../../protocol/batch/batch.ts';
import type { RecordedSource } from './recorded-source.ts';

/** Tolerance of wall clocks, within which a span may seem to lie outside of the run. */
export const clockToleranceNs = 1e9;

/**
 * Returns the start of a source's clock in nanoseconds since the start of the run. It is known from the wall clock, which may
 * have been set in between. If that places the batch outside of the run, the time of its arrival is used.
 *
 * @param wallStartMs wall clock at the start of the run, epoch milliseconds
 * @param nowNs time since the start of the run
 */
export function clockOffsetNs(
  batch: Pick<Batch, 'atNs'>,
  { hello }: Pick<RecordedSource, 'hello'>,
  wallStartMs: number,
  nowNs: number,
): number {
  const offsetNs = ((hello?.wallStartMs ?? wallStartMs) - wallStartMs) * 1e6;
  const atNs = offsetNs + batch.atNs;
  return atNs < -clockToleranceNs || atNs > nowNs + clockToleranceNs ? nowNs - batch.atNs : offsetNs;
}
