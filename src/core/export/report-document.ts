/** A benchmark as a Markdown document: each number with its spread, and where it was measured. */
import type { BenchCase, BenchReport } from '../benchmark/bench-report.ts';
import type { Comparison } from '../benchmark/comparison.ts';
import { bytes, change, duration, percent } from '../format.ts';
import { inUnit, nameOf, shownRows } from './report-text.ts';

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
  return [
    `# ${cell(candidate.pipeline)} against "${cell(name)}": ${comparison.verdict}`,
    '',
    '| what | baseline | now | change | 95 % interval | p | verdict | why |',
    '|---|---:|---:|---:|---:|---:|---|---|',
    ...shownRows(comparison).map((row) =>
      tableRow([
        nameOf(row),
        inUnit(row, row.before),
        inUnit(row, row.after),
        change(row.ratio - 1),
        `${change(row.lowRatio - 1)} to ${change(row.highRatio - 1)}`,
        row.p < 0.0001 ? '< 0.0001' : row.p.toFixed(4),
        row.verdict,
        row.reason,
      ]),
    ),
    '',
    ...regressions(comparison),
    'Noise floor and the smallest change that would show, for each case: ' +
      comparison.rows
        .filter(({ measure }) => measure === 'wall')
        .map((row) => `${cell(row.case)} ${percent(row.noiseFloor)} and ${percent(row.minimumDetectable)}`)
        .join('; ') +
      '.',
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

function regressions({ regressions: found }: Comparison): readonly string[] {
  if (found.length === 0) return [];
  const lines = found.map(
    ({ type, severity, case: name, message }) =>
      `- **${severity}** ${type.replaceAll('_', ' ')} in ${cell(name)}: ${cell(message)}`,
  );
  return ['### Regressions', '', ...lines, ''];
}

function warnings(list: readonly string[]): readonly string[] {
  return list.length > 0 ? ['## Take care', '', ...list.map((warning) => `- ${cell(warning)}`), ''] : [];
}

export function tableRow(cells: readonly string[]): string {
  return `| ${cells.map(cell).join(' | ')} |`;
}

/** Names come from programs and git: they are text, never markup. */
export function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]()#+!|<>~&$]/g, '\\$&');
}
