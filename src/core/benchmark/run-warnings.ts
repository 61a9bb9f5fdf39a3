/** Warnings about the runs of one case: failures, outliers, a slow first run, and runs that are too short. */
import { plural } from '../../protocol/plural.ts';
import { mad, median } from '../statistics/statistics.ts';
import type { RunSample } from './summarize-case.ts';

/** Modified z-score (Iglewicz & Hoaglin 1993) above which a run is an outlier; the value that hyperfine uses. */
const outlierScore = 14.826;
const shortRunNs = 5e6;

export function runWarnings(runs: readonly RunSample[]): readonly string[] {
  const samplesNs = runs.map(({ wallNs }) => wallNs);
  const middle = median([...samplesNs]);
  const spread = mad(samplesNs);
  const isOutlier = (value: number): boolean =>
    spread > 0 && (0.6745 * Math.abs(value - middle)) / spread > outlierScore;
  const failures = describeFailures(runs.map(({ exitCode }) => exitCode));
  const [first = 0] = samplesNs;
  return [
    ...(failures === undefined ? [] : [`${failures} Their times are included because failures are ignored.`]),
    ...(middle < shortRunNs ? ['Runs shorter than 5 ms mostly measure process startup.'] : []),
    ...(samplesNs.some(isOutlier) ? ['There are outliers. Close other programs and run the benchmark again.'] : []),
    ...(first > middle && isOutlier(first) ? ['The first run was much slower. Add warm-up runs.'] : []),
  ];
}

/** Returns a sentence such as `2 of 10 runs failed (exit code 3: 2).`, or undefined if no run failed. */
export function describeFailures(exitCodes: readonly (number | null | undefined)[]): string | undefined {
  const failed = exitCodes.filter((code) => code !== 0 && code !== undefined);
  if (failed.length === 0) return undefined;
  const causes = [...Map.groupBy(failed, (code) => code)].map(([code, group]) => {
    const cause = code === null ? 'terminated by a signal' : `exit code ${code}`;
    return `${cause}: ${group.length}`;
  });
  return `${failed.length} of ${plural(exitCodes.length, 'run')} failed (${causes.join(', ')}).`;
}
