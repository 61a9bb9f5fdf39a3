/** Exports for GitHub Actions: annotations for changes for the worse, and Markdown for the job summary. */
import { defined } from '../../protocol/defined.ts';
import { formatWorkflowCommand } from '../../protocol/escape/workflow-command.ts';
import type { BenchReport } from '../benchmark/bench-report.ts';
import type { Comparison } from '../benchmark/comparison.ts';
import { change } from '../format.ts';
import { formatComparisonDocument, formatReportDocument } from './report-document.ts';
import { rowTitle } from './report-text.ts';

/** Returns workflow commands, one per line (see “Workflow commands” in GitHub's documentation). */
export function formatAnnotations({ rows, regressions, verdict }: Comparison): readonly string[] {
  const worse = rows.filter((row) => row.verdict === 'regressed' || row.verdict === 'slower');
  const errors = regressions.filter(({ type }) => type === 'error_rate_increase');
  const lines = [
    ...worse.map((row) => {
      const { file, line } = row.operation ?? {};
      const location = file === undefined ? {} : { file, ...defined({ line }) };
      const interval = `${change(row.lowRatio - 1)} to ${change(row.highRatio - 1)}`;
      const level = row.verdict === 'regressed' ? 'error' : 'warning';
      return formatCommand(level, location, `${rowTitle(row)} ${change(row.ratio - 1)} (95 % interval ${interval})`);
    }),
    ...errors.map((regression) => formatCommand('error', {}, `${regression.case}: ${regression.message}`)),
  ];
  return lines.length > 0 ? lines : [formatCommand('notice', {}, `Benchmark: ${verdict}`)];
}

export function formatJobSummary(
  report: BenchReport,
  against?: { readonly name: string; readonly report: BenchReport; readonly comparison: Comparison },
): string {
  if (!against) return `${formatReportDocument(report)}\n`;
  return `${formatComparisonDocument(against.name, against.report, report, against.comparison)}\n`;
}

function formatCommand(
  level: 'error' | 'warning' | 'notice',
  location: Readonly<Record<string, string | number>>,
  text: string,
): string {
  return formatWorkflowCommand(level, { ...location, title: 'Pipescope' }, text);
}
