/** Formats the Markdown report of a validation: summary, results of the checks, findings and remediation. */

import { escapeMarkdown } from '../../../protocol/escape/escape-markdown.ts';
import { plural } from '../../../protocol/plural.ts';
import { describeCoverage } from '../../../protocol/validation/describe-coverage.ts';
import type { CategoryResult, CheckResult, Validation } from '../../../protocol/validation/validation.ts';
import { evidenceSizeNote } from '../verdict/evidence.ts';
import { metricsOf } from '../verdict/summary.ts';
import { inlineCode, table } from './markdown.ts';
import { formatRemediation } from './remediation.ts';

/** Maximum number of findings to show per check. `report.json` contains all of them. */
const maxFindings = 100;

const verdicts: Readonly<Record<Validation['verdict'], string>> = {
  ready: '✅ PASS',
  not_ready: '❌ FAIL',
  incomplete: '⚠️ INCOMPLETE',
};
const statuses: Readonly<Record<CheckResult['status'], string>> = {
  pass: '✅ pass',
  fail: '❌ fail',
  warn: '⚠️ warn',
  skip: '⏭️ skip',
};

export function formatReport(validation: Validation): string {
  const sections = [
    headerSection(validation),
    summarySection(validation),
    checksSection(validation),
    findingsSection(validation),
    formatRemediation(validation.checks),
    historySection(validation),
    methodSection(validation),
  ];
  return `${sections.flat().join('\n')}\n`;
}

function headerSection(validation: Validation): string[] {
  const { verdict, score, minScore, profile, mode, durationNs, git, workspace, startedAt } = validation;
  const branch = git?.branch === undefined ? '' : ` on ${inlineCode(git.branch, 'cell')}`;
  return [
    '# Definition of Done',
    '',
    ...table(
      ['Verdict', verdicts[verdict]],
      [
        ['Score', `${score}/100 (minimum ${minScore})`],
        ['Profile', inlineCode(profile, 'cell')],
        ['Mode', mode],
        ['Duration', duration(durationNs)],
        ['Commit', git ? `${inlineCode(git.commit, 'cell')}${branch}` : 'no commit'],
        ['Workspace', inlineCode(workspace, 'cell')],
        ['Started', startedAt],
      ],
    ),
    '',
  ];
}

function summarySection(validation: Validation): string[] {
  const { reasons, categories, evaluated, categoriesTotal, coverage, evidenceCount, evidenceBytes } = validation;
  const { executed, passed, failed, warned, skipped } = metricsOf(validation);
  const note = evidenceSizeNote(evidenceBytes);
  return [
    '## Summary',
    '',
    ...reasons.map((reason) => `- ${escapeMarkdown(reason)}`),
    `- ${plural(executed, 'check')}: ${passed} passed, ${failed} failed, ${warned} warned, ${skipped} skipped.`,
    `- ${evaluated} of ${categoriesTotal} categories evaluated.`,
    `- ${plural(evidenceCount, 'piece')} of evidence, ${evidenceBytes} bytes.`,
    ...(coverage ? [`- Files: ${describeCoverage(coverage)}`] : []),
    ...(note ? [`- **${note.level}**: ${escapeMarkdown(note.message)}`] : []),
    '',
    ...table(
      ['Category', 'Score', 'Weight', 'Passed', 'Failed', 'Warned', 'Skipped', 'Duration'],
      categories.map((category) => [
        titleOf(category),
        category.score?.toFixed(0) ?? (category.notApplicable ? 'not applicable' : 'not evaluated'),
        `${Number((category.weight * 100).toFixed(1))} %`,
        ...[category.passed, category.failed, category.warned, category.skipped].map(String),
        `${hasStopped(validation, category) ? 'at least ' : ''}${duration(category.durationNs)}`,
      ]),
    ),
    '',
  ];
}

function hasStopped({ checks }: Validation, { id }: CategoryResult): boolean {
  return checks.some(({ category, stopped }) => category === id && stopped);
}

function checksSection({ categories, checks }: Validation): string[] {
  return [
    '## Checks by category',
    '',
    ...categories.flatMap((category) => {
      const inCategory = checks.filter((check) => check.category === category.id);
      if (inCategory.length === 0) return [];
      const rows = inCategory.map((check) => [
        inlineCode(check.id, 'cell'),
        `${statuses[check.status]}${check.skipReason === undefined ? '' : ` (${escapeMarkdown(check.skipReason)})`}`,
        check.severity,
        `${check.stopped ? 'at least ' : ''}${duration(check.durationNs)}`,
        escapeMarkdown(check.message),
      ]);
      return [
        `### ${titleOf(category)}`,
        '',
        ...table(['Check', 'Verdict', 'Severity', 'Duration', 'Message'], rows),
        '',
      ];
    }),
  ];
}

function findingsSection({ checks }: Validation): string[] {
  const withFindings = checks.filter(({ findings }) => findings.length > 0);
  return [
    '## Findings',
    '',
    ...(withFindings.length === 0 ? ['No findings.', ''] : []),
    ...withFindings.flatMap(({ id, findings }) => {
      const omitted = findings.length - maxFindings;
      return [
        `### ${inlineCode(id)}`,
        '',
        ...findings.slice(0, maxFindings).map(({ file, line, message }) => {
          const location = line === undefined ? file : `${file}:${line}`;
          return `- ${inlineCode(location)} ${escapeMarkdown(message)}`;
        }),
        ...(omitted > 0 ? [`- ${omitted} more in report.json`] : []),
        '',
      ];
    }),
  ];
}

function historySection({ suggestions }: Validation): string[] {
  if (suggestions.length === 0) return [];
  return [
    '## Recent runs',
    '',
    'Percentiles use the nearest-rank method. The suggested timeout is three times the p99, at least one second.',
    '',
    ...table(
      ['Check', 'Runs', 'p50', 'p95', 'p99', 'Suggested timeout'],
      suggestions.map(({ id, timeoutMs, runs, p50Ns, p95Ns, p99Ns }) => [
        inlineCode(id, 'cell'),
        String(runs),
        ...[p50Ns, p95Ns, p99Ns, timeoutMs * 1e6].map(duration),
      ]),
    ),
    '',
  ];
}

function methodSection(validation: Validation): string[] {
  const { parallel, renormalized, parallelEfficiency, tools, maxWarnings, budgetMs } = validation;
  const weights = renormalized
    ? 'The score is the weighted mean of the evaluated categories.'
    : 'The score is the weighted sum of all categories. A category that was not evaluated contributes 0, and one that does not apply contributes its whole weight.';
  // 0 means no budget.
  const budget = budgetMs === 0 ? 'There was no time budget.' : `The time budget was ${duration(budgetMs * 1e6)}.`;
  return [
    '## Method',
    '',
    '- Score of a category: passed / (passed + failed) × 100, minus 2 per warning (at most 20). Skipped checks do not count.',
    `- ${weights}`,
    `- Not ready: a fatal check failed, the score is too low, or more than ${maxWarnings} checks warned. Incomplete: a fatal check did not run.`,
    `- Durations are wall times. For a check that was stopped, the duration is the time until then: a lower bound. ${budget}`,
    `- At most ${parallel.lanes} checks ran in parallel (requested: ${parallel.asked}); these lanes were busy ${(parallelEfficiency * 100).toFixed(0)} % of the time.`,
    `- Average duration of the checks that finished: ${duration(validation.averageCheckNs)}. On average, a check finished every ${duration(validation.wallPerCheckNs)}.`,
    '- The size of evidence is the size of its content in UTF-8.',
    ...Object.entries(tools)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([tool, version]) => `- ${inlineCode(tool)} ${escapeMarkdown(version)}`),
  ];
}

function titleOf({ letter, title }: CategoryResult): string {
  return letter === undefined ? escapeMarkdown(title) : `${letter}. ${escapeMarkdown(title)}`;
}

function duration(ns: number): string {
  return ns < 1e9 ? `${(ns / 1e6).toFixed(1)} ms` : `${(ns / 1e9).toFixed(2)} s`;
}
