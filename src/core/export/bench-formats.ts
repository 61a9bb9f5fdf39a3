/** Formats in which a benchmark can be written, alone or compared: a row adds one. */
import type { BenchReport } from '../benchmark/bench-report.ts';
import type { Comparison, Row } from '../benchmark/comparison.ts';
import { annotations, jobSummary } from './github.ts';
import { reportText } from './report-text.ts';
import { hyperfineOf, resultRows, smallerIsBetter } from './result-rows.ts';

export interface Benched {
  readonly report: BenchReport;
  readonly against?: { readonly name: string; readonly report: BenchReport; readonly comparison: Comparison };
}

export interface BenchFormat {
  readonly id: string;
  /** For people who choose one. */
  readonly title: string;
  /** Of a file of this format, without the dot. */
  readonly extension: string;
  /** The whole text, ending in a line break. */
  readonly write: (benched: Benched) => string;
}

export const benchFormats: readonly BenchFormat[] = [
  {
    id: 'text',
    title: 'Plain text, as the terminal shows it',
    extension: 'txt',
    write: ({ report, against }) => reportText(report, against?.comparison),
  },
  {
    id: 'json',
    title: 'JSON: the answer, every row and every sample; can be compared with',
    extension: 'json',
    write: (benched) => `${JSON.stringify(summaryOf(benched))}\n`,
  },
  {
    id: 'markdown',
    title: 'Markdown document',
    extension: 'md',
    write: ({ report, against }) => jobSummary(report, against),
  },
  {
    id: 'github',
    title: 'GitHub Actions: annotations, then plain text',
    extension: 'txt',
    write: ({ report, against }) =>
      [...(against ? annotations(against.comparison) : []), reportText(report, against?.comparison)].join('\n'),
  },
  {
    id: 'custom-smaller-is-better',
    title: 'The array that github-action-benchmark takes as customSmallerIsBetter',
    extension: 'json',
    write: ({ report }) => `${JSON.stringify(smallerIsBetter(report), undefined, 1)}\n`,
  },
  {
    id: 'hyperfine',
    title: 'JSON as hyperfine’s --export-json writes it',
    extension: 'json',
    write: ({ report }) => `${JSON.stringify(hyperfineOf(report), undefined, 1)}\n`,
  },
];

/** The answer first, then what it stands on. Where nothing was compared there is no verdict. */
function summaryOf({ report, against }: Benched) {
  const rows = against?.comparison.rows ?? [];
  const worst = against && leading(rows, against.comparison);
  return {
    verdict: against?.comparison.verdict ?? null,
    ratio: worst?.ratio ?? null,
    interval: worst ? [worst.lowRatio, worst.highRatio] : null,
    p: worst?.p ?? null,
    n: worst?.n ?? null,
    minimumDetectable: worst?.minimumDetectable ?? null,
    noiseFloor: worst?.noiseFloor ?? null,
    against: against?.name ?? null,
    regressions: against?.comparison.regressions ?? [],
    warnings: [...report.cases.flatMap(({ warnings }) => warnings), ...(against?.comparison.warnings ?? [])],
    operations: against ? rows.filter(({ operation }) => operation).map(flat) : operationsOf(report),
    rows: rows.filter(({ operation }) => !operation),
    results: resultRows(report),
    report,
    ...(against ? { baseline: against.report } : {}),
  };
}

/** The row of wall time that the verdict is of, or the first. */
function leading(rows: readonly Row[], { verdict }: Comparison): Row | undefined {
  const walls = rows.filter(({ measure }) => measure === 'wall');
  return walls.find((row) => row.verdict === verdict) ?? walls[0];
}

function flat({ operation, measure: _, ...row }: Row) {
  return { ...operation, ...row };
}

function operationsOf({ cases }: BenchReport) {
  return cases.flatMap(({ name, operations = [] }) => operations.map((one) => ({ case: name, ...one })));
}
