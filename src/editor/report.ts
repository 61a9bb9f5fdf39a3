/** Benchmark results as text for people: one sentence for a message, a Markdown document for reading. */
import type { BenchCase, BenchReport } from '../core/benchmark.ts';
import type { Comparison } from '../core/comparison.ts';
import { bytes, change, duration } from '../core/format.ts';

/** `detection pipeline, median of 10 runs: cold 1.23 s ± 2.1 ms · no change 150 ms ± 1.4 ms`; after ± stands the MAD. */
export function reportLine(report: BenchReport): string {
  const cases = report.cases.map((row) => `${row.name} ${duration(row.medianNs)} ± ${duration(row.madNs)}`);
  const runs = report.cases[0]?.samplesNs.length ?? 0;
  return `${report.benchmark}, median of ${runs} ${runs === 1 ? 'run' : 'runs'}: ${cases.join(' · ')}`;
}

export function comparisonLine(name: string, comparison: Comparison): string {
  const rows = comparison.rows.map((row) => `${row.case} ${row.verdict} (${change(row.ratio - 1)})`);
  return `Against "${name}": ${rows.join(' · ')}`;
}

/** The report as a document: each number with its spread, and where it was measured. */
export function reportDocument(report: BenchReport): string {
  return [
    `# Benchmark of ${cell(report.pipeline)}`,
    '',
    'Whole-process runs from start to exit, the cases interleaved. Median, median absolute deviation (MAD) and the 95 % interval of the median.',
    '',
    '| case | median | MAD | 95 % interval | fastest | slowest | peak memory | runs |',
    '|---|---:|---:|---:|---:|---:|---:|---:|',
    ...report.cases.map(caseRow),
    '',
    ...origin(report),
    ...warnings(report.cases.flatMap((row) => row.warnings.map((warning) => `${row.name}: ${warning}`))),
  ].join('\n');
}

/** A candidate beside its baseline: how much, how sure, and why the verdict is what it is. */
export function comparisonDocument(
  name: string,
  baseline: BenchReport,
  candidate: BenchReport,
  comparison: Comparison,
): string {
  const medianOf = (report: BenchReport, wanted: string) =>
    duration(report.cases.find((row) => row.name === wanted)?.medianNs);
  return [
    `# ${cell(candidate.pipeline)} against "${cell(name)}": ${comparison.verdict}`,
    '',
    '| case | baseline | now | change | 95 % interval | verdict | why |',
    '|---|---:|---:|---:|---:|---|---|',
    ...comparison.rows.map((row) =>
      tableRow([
        row.case,
        medianOf(baseline, row.case),
        medianOf(candidate, row.case),
        change(row.ratio - 1),
        `${change(row.lowRatio - 1)} to ${change(row.highRatio - 1)}`,
        row.verdict,
        row.reason,
      ]),
    ),
    '',
    '## Now',
    '',
    ...origin(candidate),
    '## Baseline',
    '',
    ...origin(baseline),
    ...warnings(comparison.warnings),
  ].join('\n');
}

/** A time as part of a file name: `20260130-235959`, in UTC. */
export function stamp(iso: string): string {
  return iso
    .replace(/\.\d+Z$/, '')
    .replaceAll(/[-:]/g, '')
    .replace('T', '-');
}

function caseRow(row: BenchCase): string {
  return tableRow([
    row.name,
    duration(row.medianNs),
    duration(row.madNs),
    `${duration(row.lowNs)} to ${duration(row.highNs)}`,
    duration(row.minNs),
    duration(row.maxNs),
    row.peakRssBytes.length > 0 ? bytes(Math.max(...row.peakRssBytes)) : '–',
    String(row.samplesNs.length),
  ]);
}

function origin({ at, git, machine, warmup, workspace }: BenchReport): readonly string[] {
  return [
    `- Measured ${at}, after ${warmup} warm-up ${warmup === 1 ? 'run' : 'runs'} of each case, on ${cell(workspace)}.`,
    `- Commit: ${git ? `${git.commit.slice(0, 12)}${git.branch ? ` on ${cell(git.branch)}` : ''}${git.dirty ? ', with uncommitted changes' : ''}` : 'not under git'}.`,
    `- Machine: ${cell(machine.cpu)}, ${machine.cores} cores, ${bytes(machine.memoryBytes)}, ${cell(machine.platform)}, Node ${cell(machine.node)}, load ${machine.load.toFixed(1)} at the start.`,
    '',
  ];
}

function warnings(list: readonly string[]): readonly string[] {
  return list.length > 0 ? ['## Take care', '', ...list.map((warning) => `- ${cell(warning)}`), ''] : [];
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.map(cell).join(' | ')} |`;
}

/** Names come from programs and git: they are text, never markup. */
function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]()#+!|<>~&$]/g, '\\$&');
}
