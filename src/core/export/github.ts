/** A comparison for GitHub Actions: an annotation where something became worse, and Markdown for the job's summary. */

import { defined } from '../../protocol/defined.ts';
import type { BenchReport } from '../benchmark/bench-report.ts';
import type { Comparison } from '../benchmark/comparison.ts';
import { change } from '../format.ts';
import { comparisonDocument, reportDocument } from './report-document.ts';
import { nameOf } from './report-text.ts';

/** Workflow commands, one a line (GitHub's documentation, “Workflow commands”). */
export function annotations({ rows, regressions, verdict }: Comparison): readonly string[] {
  const worse = rows.filter((row) => row.verdict === 'regressed' || row.verdict === 'slower');
  const errors = regressions.filter(({ type }) => type === 'error_rate_increase');
  const lines = [
    ...worse.map((row) => {
      const { file, line } = row.operation ?? {};
      const place = file === undefined ? {} : { file, ...defined({ line }) };
      const interval = `${change(row.lowRatio - 1)} to ${change(row.highRatio - 1)}`;
      const level = row.verdict === 'regressed' ? 'error' : 'warning';
      return command(level, place, `${nameOf(row)} ${change(row.ratio - 1)} (95 % interval ${interval})`);
    }),
    ...errors.map((one) => command('error', {}, `${one.case}: ${one.message}`)),
  ];
  return lines.length > 0 ? lines : [command('notice', {}, `Benchmark: ${verdict}`)];
}

export function jobSummary(
  report: BenchReport,
  against?: { readonly name: string; readonly report: BenchReport; readonly comparison: Comparison },
): string {
  if (!against) return `${reportDocument(report)}\n`;
  return `${comparisonDocument(against.name, against.report, report, against.comparison)}\n`;
}

function command(
  level: 'error' | 'warning' | 'notice',
  place: Readonly<Record<string, string | number>>,
  text: string,
): string {
  const properties = { ...place, title: 'Pipescope' };
  const listed = Object.entries(properties).map(
    ([key, value]) => `${key}=${escaped(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C')}`,
  );
  return `::${level} ${listed.join(',')}::${escaped(text)}`;
}

/** As GitHub's own toolkit escapes what goes into a command. */
function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
