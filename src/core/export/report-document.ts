/** Formats benchmark reports and comparisons as Markdown documents. */
import { escapeMarkdown } from '../../protocol/escape/escape-markdown.ts';
import { plural } from '../../protocol/plural.ts';
import type { BenchCase, BenchReport } from '../benchmark/bench-report.ts';
import { caseWarnings } from '../benchmark/case-warnings.ts';
import type { Comparison } from '../benchmark/comparison.ts';
import { formatChangeInterval, formatMedianInterval } from '../benchmark/interval-text.ts';
import { bytes, change, duration, missing, percent } from '../format.ts';
import { median } from '../statistics/statistics.ts';
import { describeProfiledRuns, formatInUnit, operationsTable, rowTitle, selectRows } from './report-text.ts';

/** Formats a report: each number with its spread, and the conditions of the measurement. */
export function formatReportDocument(report: BenchReport): string {
  return [
    `# Benchmark of ${escapeMarkdown(report.pipeline)}`,
    '',
    'Whole-process runs from start to exit without the probe, with interleaved cases. Shows the median, the median absolute deviation (MAD) and the 95 % interval of the median. A dash stands for a value that was not measured, or that needs more runs.',
    '',
    '| case | median | MAD | 95 % interval | fastest | slowest | CPU time | peak memory | runs |',
    '|---|---:|---:|---:|---:|---:|---:|---:|---:|',
    ...report.cases.map(formatCaseRow),
    '',
    ...formatOperations(report),
    ...formatOrigin(report),
    ...formatWarnings(caseWarnings(report)),
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
        formatChangeInterval(row),
        row.p < 0.0001 ? '< 0.0001' : row.p.toFixed(4),
        row.verdict,
        row.reason,
      ]),
    ),
    '',
    ...describeProfiledRuns(candidate).map((line) => `${escapeMarkdown(line)}\n`),
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
    ...formatWarnings([...caseWarnings(candidate), ...comparison.warnings]),
  ].join('\n');
}

function formatCaseRow(row: BenchCase): string {
  const { cpuNs, peakRssBytes } = row;
  return formatTableRow([
    row.name,
    duration(row.medianNs),
    duration(row.madNs),
    formatMedianInterval(row),
    duration(row.minNs),
    duration(row.maxNs),
    cpuNs?.length ? duration(median([...cpuNs])) : missing,
    peakRssBytes?.length ? bytes(Math.max(...peakRssBytes)) : missing,
    String(row.samplesNs.length),
  ]);
}

/** Lists the operations below the whole-process runs, because they come from runs of their own. */
function formatOperations(report: BenchReport): readonly string[] {
  const [header, ...rows] = operationsTable(report);
  if (!header) return [];
  return [
    '## Operations',
    '',
    ...describeProfiledRuns(report).map((line) => `${escapeMarkdown(line)}\n`),
    formatTableRow(header),
    '|---|---:|---:|---:|',
    ...rows.map(formatTableRow),
    '',
  ];
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
