/** Table of all export formats for benchmark reports and comparisons. Add a row to add a format. */
import { formatJsonLine } from '../../protocol/escape/json-line.ts';
import type { BenchReport } from '../benchmark/bench-report.ts';
import type { Comparison, ComparisonRow } from '../benchmark/comparison.ts';
import { formatAnnotations, formatJobSummary } from './github.ts';
import { formatReportText } from './report-text.ts';
import { smallerIsBetterRows, toHyperfine, toResultRows } from './result-rows.ts';

export interface BenchOutput {
  readonly report: BenchReport;
  /** Path of the workspace inside its git repository, with a slash at the end, if it is not the whole repository. */
  readonly repositoryPath?: string;
  readonly against?: { readonly name: string; readonly report: BenchReport; readonly comparison: Comparison };
}

export interface BenchFormat {
  readonly id: string;
  /** Shown when the user selects a format. */
  readonly title: string;
  /** File extension without the dot. */
  readonly extension: string;
  /** Returns the whole text, which ends in a line break. */
  readonly write: (benched: BenchOutput) => string;
}

export const benchFormats: readonly BenchFormat[] = [
  {
    id: 'text',
    title: 'Plain text, as in the terminal',
    extension: 'txt',
    write: ({ report, against }) => formatReportText(report, against?.comparison),
  },
  {
    id: 'json',
    title: 'JSON with verdict, rows and samples; can be used as a baseline',
    extension: 'json',
    write: (benched) => formatJsonLine(buildSummary(benched)),
  },
  {
    id: 'markdown',
    title: 'Markdown document',
    extension: 'md',
    write: ({ report, against }) => formatJobSummary(report, against),
  },
  {
    id: 'github',
    title: 'GitHub Actions annotations, followed by plain text',
    extension: 'txt',
    write: ({ report, against, repositoryPath }) =>
      [
        ...formatAnnotations(report, against?.comparison, repositoryPath),
        formatReportText(report, against?.comparison),
      ].join('\n'),
  },
  {
    id: 'custom-smaller-is-better',
    title: 'JSON for github-action-benchmark (customSmallerIsBetter)',
    extension: 'json',
    write: ({ report }) => formatJsonLine(smallerIsBetterRows(report), 1),
  },
  {
    id: 'hyperfine',
    title: 'JSON in the format of hyperfine --export-json',
    extension: 'json',
    write: ({ report }) => formatJsonLine(toHyperfine(report), 1),
  },
];

/** Builds the JSON export: the verdict first, then the data behind it. Without a comparison, the verdict is null. */
function buildSummary({ report, against }: BenchOutput) {
  const rows = against?.comparison.rows ?? [];
  const worst = against && leadingRow(rows, against.comparison);
  return {
    verdict: against?.comparison.verdict ?? null,
    ratio: worst?.ratio ?? null,
    interval: worst?.lowRatio === undefined ? null : [worst.lowRatio, worst.highRatio],
    p: worst?.p ?? null,
    n: worst?.n ?? null,
    minimumDetectable: worst?.minimumDetectable ?? null,
    noiseFloor: worst?.noiseFloor ?? null,
    against: against?.name ?? null,
    incomparable: against?.comparison.incomparable ?? null,
    regressions: against?.comparison.regressions ?? [],
    warnings: [...report.cases.flatMap(({ warnings }) => warnings), ...(against?.comparison.warnings ?? [])],
    operations: against ? rows.filter(({ operation }) => operation).map(flattenRow) : listOperations(report),
    rows: rows.filter(({ operation }) => !operation),
    results: toResultRows(report),
    report,
    ...(against ? { baseline: against.report } : {}),
  };
}

/** Returns the wall-time row that has the overall verdict, or else the first one. */
function leadingRow(rows: readonly ComparisonRow[], { verdict }: Comparison): ComparisonRow | undefined {
  const walls = rows.filter(({ measure }) => measure === 'wall');
  return walls.find((row) => row.verdict === verdict) ?? walls[0];
}

function flattenRow({ operation, measure: _, ...row }: ComparisonRow) {
  return { ...operation, ...row };
}

function listOperations({ cases }: BenchReport) {
  return cases.flatMap(({ name, operations = [] }) => operations.map((operation) => ({ case: name, ...operation })));
}
