/** Runs several series in rounds, alternately, so that a drift of the machine affects all of them alike. */
import { minimumDetectableChange, minRuns } from '../../core/benchmark/judge-change.ts';

/** Runs of each series. `auto` makes as many as are needed, within limits. */
export type RunCount = number | 'auto';

/** Reason why no more runs were made. */
export type StopReason = 'runs' | 'precise' | 'time';

export interface InterleavedSeries {
  /** Wall times of the runs so far, without warm-up runs. */
  readonly wallTimesNs: readonly number[];
}

export interface InterleaveOptions<S extends InterleavedSeries> {
  readonly runs: RunCount;
  readonly warmup: number;
  readonly signal?: AbortSignal | undefined;
  /** Runs a series once, and adds the result unless it is a warm-up run. */
  readonly runOnce: (series: S, isWarmup: boolean) => Promise<void>;
}

/** Number of runs that `auto` makes at most, unless they are so short that more of them fit into `minAutoNs`. */
export const maxAutoRuns = 30;
/** Total wall time up to which `auto` repeats a short run, as hyperfine does. */
const minAutoNs = 3e9;
const maxShortRuns = 1000;
const maxAutoMs = 240_000;
/** Smallest change that `auto` must be able to detect in every series before it stops. */
const targetDetectableRatio = 0.05;

/**
 * Runs all series in rounds. The first round is in the given order, because a series may depend on files left by an earlier
 * one; the next round is in reverse order, and so on. Rejects with the signal's reason if it is cancelled.
 */
export async function interleave<S extends InterleavedSeries>(
  allSeries: readonly S[],
  { runs, warmup, signal, runOnce }: InterleaveOptions<S>,
): Promise<StopReason> {
  const startMs = performance.now();
  for (let round = 0; ; round++) {
    const completed = Math.max(0, round - warmup);
    const reason = runs === 'auto' ? autoStopReason(allSeries, completed, performance.now() - startMs) : undefined;
    if (reason) return reason;
    if (runs !== 'auto' && round >= warmup + runs) return 'runs';
    for (const series of round % 2 === 0 ? allSeries : [...allSeries].reverse()) {
      signal?.throwIfAborted();
      await runOnce(series, round < warmup);
    }
  }
}

function autoStopReason(
  allSeries: readonly InterleavedSeries[],
  completed: number,
  elapsedMs: number,
): StopReason | undefined {
  if (completed < minRuns) return undefined;
  if (allSeries.every(isPrecise)) return 'precise';
  if (elapsedMs > maxAutoMs) return 'time';
  if (completed < maxAutoRuns) return undefined;
  return completed >= maxShortRuns || allSeries.every(isLongEnough) ? 'runs' : undefined;
}

function isPrecise({ wallTimesNs }: InterleavedSeries): boolean {
  return minimumDetectableChange(wallTimesNs, wallTimesNs) <= targetDetectableRatio;
}

function isLongEnough({ wallTimesNs }: InterleavedSeries): boolean {
  return wallTimesNs.reduce((sum, ns) => sum + ns, 0) >= minAutoNs;
}
