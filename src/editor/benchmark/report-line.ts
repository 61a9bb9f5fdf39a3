/** Benchmark results in one sentence for a message. */
import type { BenchReport } from '../../core/benchmark/bench-report.ts';
import type { Comparison } from '../../core/benchmark/comparison.ts';
import { change, duration } from '../../core/format.ts';

/** `detection pipeline, median of 10 runs: cold 1.23 s ± 2.1 ms · no change 150 ms ± 1.4 ms`; after ± stands the MAD. */
export function reportLine(report: BenchReport): string {
  const cases = report.cases.map((row) => `${row.name} ${duration(row.medianNs)} ± ${duration(row.madNs)}`);
  const runs = report.cases[0]?.samplesNs.length ?? 0;
  return `${report.benchmark}, median of ${runs} ${runs === 1 ? 'run' : 'runs'}: ${cases.join(' · ')}`;
}

export function comparisonLine(name: string, comparison: Comparison): string {
  const rows = comparison.rows
    .filter(({ measure }) => measure === 'wall')
    .map((row) => `${row.case} ${row.verdict} (${change(row.ratio - 1)})`);
  return `Against "${name}": ${rows.join(' · ')}`;
}

/** A time as part of a file name: `20260130-235959`, in UTC. */
export function stamp(iso: string): string {
  return iso
    .replace(/\.\d+Z$/, '')
    .replaceAll(/[-:]/g, '')
    .replace('T', '-');
}
