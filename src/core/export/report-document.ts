/** Formats benchmark reports and comparisons as Markdown documents. */
import { escapeMarkdown } from '../../protocol/escape/escape-markdown.ts';
import { plural } from '../../protocol/plural.ts';
import type { BenchCase, BenchReport } from '../benchmark/bench-report.ts';
import type { Comparison } from '../benchmark/comparison.ts';
import { bytes, change, duration, percent } from '../format.ts';
import { formatInUnit, rowTitle, selectRows } from './report-text.ts';

/** Formats a report: each number with its spread, and the conditions of the measurement. */
export function formatReportDocument(report: BenchReport): string {
  return [
    `# Benchmark of ${escapeMarkdown(report.pipeline)}`,
    '',
    'Whole-process runs from start to exit, with interleaved cases. Shows the median, the median absolute deviation (MAD) and the 95 % interval of the median.',
    '',
    '| case | median | MAD | 95 % interval | fastest | slowest | peak memory | runs |',
    '|---|---:|---:|---:|---:|---:|---:|---:|',
    ...report.cases.map(formatCaseRow),
    '',
    ...formatOrigin(report),
    ...formatWarnings(report.cases.flatMap((row) => row.warnings.map((warning) => `${row.name}: ${warning}`))),
  ].join('\n');
}

/** Formats a comparison: the changes, their confidence intervals, and the reason for each verdict. */
export function formatComparisonDocument(
  name: string,
  baseline: BenchReport,
  candidate: BenchReport,
  comparison: Comparison,
): string {
  return [
    `# ${escapeMarkdown(candidate.pipeline)} against "${escapeMarkdown(name)}": ${comparison.verdict}`,
    '',
    '| measure | baseline | now | change | 95 % interval | p | verdict | reason |',
    '|---|---:|---:|---:|---:|---:|---|---|',
    ...selectRows(comparison).map((row) =>
      formatTableRow([
        rowTitle(row),
        formatInUnit(row, row.before),
        formatInUnit(row, row.after),
        change(row.ratio - 1),
        `${change(row.lowRatio - 1)} to ${change(row.highRatio - 1)}`,
        row.p < 0.0001 ? '< 0.0001' : row.p.toFixed(4),
        row.verdict,
        row.reason,
      ]),
    ),
    '',
    ...formatRegressions(comparison),
    'Noise floor and smallest detectable change of each case: ' +
      comparison.rows
        .filter(({ measure }) => measure === 'wall')
        .map((row) => `${escapeMarkdown(row.case)} ${percent(row.noiseFloor)} and ${percent(row.minimumDetectable)}`)
        .join('; ') +
      '.',
    '',
    '## Now',
    '',
    ...formatOrigin(candidate),
    '## Baseline',
    '',
    ...formatOrigin(baseline),
    ...formatWarnings(comparison.warnings),
  ].join('\n');
}

function formatCaseRow(row: BenchCase): string {
  return formatTableRow([
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

function formatOrigin({ at, git, machine, warmup, workspace }: BenchReport): readonly string[] {
  return [
    `- Measured ${escapeMarkdown(at)}, after ${plural(warmup, 'warm-up run')} of each case, on ${escapeMarkdown(workspace)}.`,
    `- Commit: ${git ? `${escapeMarkdown(git.commit.slice(0, 12))}${git.branch ? ` on ${escapeMarkdown(git.branch)}` : ''}${git.dirty ? ', with uncommitted changes' : ''}` : 'not under git'}.`,
    `- Machine: ${escapeMarkdown(machine.cpu)}, ${machine.cores} cores, ${bytes(machine.memoryBytes)}, ${escapeMarkdown(machine.platform)}, Node ${escapeMarkdown(machine.node)}, load ${machine.load.toFixed(1)} at the start.`,
    '',
  ];
}

function formatRegressions({ regressions }: Comparison): readonly string[] {
  if (regressions.length === 0) return [];
  const lines = regressions.map(
    ({ type, severity, case: name, message }) =>
      `- **${severity}** ${type.replaceAll('_', ' ')} in ${escapeMarkdown(name)}: ${escapeMarkdown(message)}`,
  );
  return ['### Regressions', '', ...lines, ''];
}

function formatWarnings(list: readonly string[]): readonly string[] {
  return list.length > 0 ? ['## Warnings', '', ...list.map((warning) => `- ${escapeMarkdown(warning)}`), ''] : [];
}

export function formatTableRow(cells: readonly string[]): string {
  return `| ${cells.map(escapeMarkdown).join(' | ')} |`;
}
