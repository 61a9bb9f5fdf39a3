/** How a benchmark is written to the terminal: a row adds a format. */
import { appendFileSync } from 'node:fs';
import type { BenchReport } from '../../core/benchmark.ts';
import type { Comparison, Row } from '../../core/comparison.ts';
import { annotations, jobSummary } from '../../core/export/github.ts';
import { hyperfineOf, resultRows, smallerIsBetter } from '../../core/export/results.ts';
import { reportText } from '../../core/report.ts';

export interface Benched {
  readonly report: BenchReport;
  readonly against?: { readonly name: string; readonly report: BenchReport; readonly comparison: Comparison };
}

/** The whole output, ending in a line break. */
export const formats: Readonly<Record<string, (benched: Benched, env: NodeJS.ProcessEnv) => string>> = {
  text: ({ report, against }) => reportText(report, against?.comparison),
  json: (benched) => `${JSON.stringify(summaryOf(benched))}\n`,
  markdown: ({ report, against }) => jobSummary(report, against),
  github: ({ report, against }, env) => {
    const file = env['GITHUB_STEP_SUMMARY'];
    if (file) appendFileSync(file, jobSummary(report, against));
    const lines = against ? annotations(against.comparison) : [];
    return [...lines, reportText(report, against?.comparison)].join('\n');
  },
  'custom-smaller-is-better': ({ report }) => `${JSON.stringify(smallerIsBetter(report), undefined, 1)}\n`,
  hyperfine: ({ report }) => `${JSON.stringify(hyperfineOf(report), undefined, 1)}\n`,
};

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
