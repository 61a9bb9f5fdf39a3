/** Exports for GitHub Actions: annotations for changes for the worse, and Markdown for the job summary. */
import { defined } from '../../protocol/defined.ts';
import { formatWorkflowCommand } from '../../protocol/escape/workflow-command.ts';
import type { BenchReport } from '../benchmark/bench-report.ts';
import type { Comparison } from '../benchmark/comparison.ts';
import { formatChangeInterval } from '../benchmark/interval-text.ts';
import { describeFailures } from '../benchmark/run-warnings.ts';
import { change } from '../format.ts';
import { formatComparisonDocument, formatReportDocument } from './report-document.ts';
import { rowTitle } from './report-text.ts';

/**
 * Returns workflow commands, one per line (see “Workflow commands” in GitHub's documentation): for each change for the
 * worse, for failed runs, and for a baseline that is not comparable. Returns a notice with the verdict if there are none.
 * @param repositoryPath path of the workspace inside its repository, with a slash at the end
 */
export function formatAnnotations(
  report: BenchReport,
  comparison?: Comparison,
  repositoryPath?: string,
): readonly string[] {
  const failures = report.cases.flatMap(({ name, exitCodes = [] }) => {
    const failed = describeFailures(exitCodes);
    return failed === undefined ? [] : [formatCommand('warning', {}, `${name}: ${failed}`)];
  });
  return [...failures, ...(comparison ? comparisonAnnotations(comparison, repositoryPath) : [])];
}

function comparisonAnnotations(
  { rows, regressions, verdict, incomparable }: Comparison,
  repositoryPath = '',
): readonly string[] {
  if (incomparable !== undefined) return [formatCommand('warning', {}, incomparable)];
  const worse = rows.filter((row) => row.verdict === 'regressed' || row.verdict === 'slower');
  const errors = regressions.filter(({ type }) => type === 'error_rate_increase');
  const declines = regressions.filter(({ type }) => type === 'trend_decline');
  const lines = [
    ...worse.map((row) => {
      const { file, line } = row.operation ?? {};
      // GitHub expects paths relative to the repository; files outside of the workspace have absolute paths.
      const path = file === undefined || isAbsolutePath(file) ? file : repositoryPath + file;
      const location = path === undefined ? {} : { file: path, ...defined({ line }) };
      const interval = formatChangeInterval(row);
      const level = row.verdict === 'regressed' ? 'error' : 'warning';
      return formatCommand(level, location, `${rowTitle(row)} ${change(row.ratio - 1)} (95 % interval ${interval})`);
    }),
    ...errors.map((regression) => formatCommand('error', {}, `${regression.case}: ${regression.message}`)),
    ...declines.map((regression) => formatCommand('warning', {}, `${regression.case}: ${regression.message}`)),
  ];
  return lines.length > 0 ? lines : [formatCommand('notice', {}, `Benchmark: ${verdict}`)];
}

function isAbsolutePath(file: string): boolean {
  return file.startsWith('/') || /^[A-Za-z]:/.test(file);
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
