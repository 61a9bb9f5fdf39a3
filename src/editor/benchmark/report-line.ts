/** Formats benchmark results as one line for a message. */
import type { BenchReport } from '../../core/benchmark/bench-report.ts';
import type { Comparison } from '../../core/benchmark/comparison.ts';
import { describeFailures } from '../../core/benchmark/run-warnings.ts';
import { change, duration } from '../../core/format.ts';
import { plural } from '../../protocol/plural.ts';
import { separator } from '../escape-label.ts';

/**
 * Returns the medians with their median absolute deviations, and the number of failed runs if there are any:
 * `detection pipeline, median of 10 runs: cold 1.23 s ± 2.1 ms · no change 150 ms ± 1.4 ms`.
 */
export function formatReportLine(report: BenchReport): string {
  const cases = report.cases.map(({ name, medianNs, madNs, exitCodes = [] }) => {
    const spread = madNs === undefined ? '' : ` ± ${duration(madNs)}`;
    const failures = describeFailures(exitCodes);
    return `${name} ${duration(medianNs)}${spread}${failures === undefined ? '' : `. ${failures}`}`;
  });
  const runs = report.cases[0]?.samplesNs.length ?? 0;
  return `${report.benchmark}, median of ${plural(runs, 'run')}: ${cases.join(separator)}`;
}

export function formatComparisonLine(name: string, comparison: Comparison): string {
  const rows = comparison.rows
    .filter(({ measure }) => measure === 'wall')
    .map((row) => `${row.case} ${row.verdict} (${change(row.ratio - 1)})`);
  const reason = comparison.incomparable === undefined ? '' : ` ${comparison.incomparable}`;
  return `Against “${name}”: ${rows.join(separator)}${reason && `.${reason}`}`;
}

/** Formats an ISO 8601 time for file names, in UTC: `20260130-235959`. */
export function formatTimestamp(iso: string): string {
  return iso
    .replace(/\.\d+Z$/, '')
    .replaceAll(/[-:]/g, '')
    .replace('T', '-');
}
