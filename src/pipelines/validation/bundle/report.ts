/** The report for people: what was looked at, what was found, and what to do about it, as Markdown. */
import type { CategoryResult, CheckResult, Validation } from '../../../protocol/validation.ts';
import { evidenceNote } from '../verdict/evidence.ts';
import { metricsOf } from '../verdict/summary.ts';
import { code, plain, table } from './markdown.ts';
import { remediationOf } from './remediation.ts';

/** Of one check; all stand in report.json. */
const findingsMost = 100;

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

export function reportOf(validation: Validation): string {
  const sections = [
    headerOf(validation),
    summaryOf(validation),
    checksOf(validation),
    findingsOf(validation),
    remediationOf(validation.checks),
    overRuns(validation),
    methodOf(validation),
  ];
  return `${sections.flat().join('\n')}\n`;
}

function headerOf(validation: Validation): string[] {
  const { verdict, score, minScore, profile, mode, durationNs, git, workspace, startedAt } = validation;
  const branch = git?.branch === undefined ? '' : ` on ${code(git.branch, 'cell')}`;
  return [
    '# Definition of Done',
    '',
    ...table(
      ['Verdict', verdicts[verdict]],
      [
        ['Score', `${score}/100, at least ${minScore} wanted`],
        ['Profile', code(profile, 'cell')],
        ['Mode', mode],
        ['Duration', duration(durationNs)],
        ['Commit', git ? `${code(git.commit, 'cell')}${branch}` : 'none'],
        ['Workspace', code(workspace, 'cell')],
        ['Started', startedAt],
      ],
    ),
    '',
  ];
}

function summaryOf(validation: Validation): string[] {
  const { reasons, categories, evaluated, categoriesTotal, evidenceCount, evidenceBytes } = validation;
  const { executed, passed, failed, warned, skipped } = metricsOf(validation);
  const note = evidenceNote(evidenceBytes);
  return [
    '## Summary',
    '',
    ...reasons.map((reason) => `- ${plain(reason)}`),
    `- ${executed} checks: ${passed} passed, ${failed} failed, ${warned} warned, ${skipped} skipped.`,
    `- ${evaluated} of ${categoriesTotal} categories evaluated.`,
    `- ${evidenceCount} pieces of evidence, ${evidenceBytes} bytes.`,
    ...(note ? [`- **${note.level}**: ${plain(note.message)}`] : []),
    '',
    ...table(
      ['Category', 'Score', 'Weight', 'Passed', 'Failed', 'Warned', 'Skipped', 'Duration'],
      categories.map((category) => [
        titleOf(category),
        category.score === undefined ? 'none evaluated' : category.score.toFixed(0),
        `${Number((category.weight * 100).toFixed(1))} %`,
        ...[category.passed, category.failed, category.warned, category.skipped].map(String),
        duration(category.durationNs),
      ]),
    ),
    '',
  ];
}

function checksOf({ categories, checks }: Validation): string[] {
  return [
    '## Checks by category',
    '',
    ...categories.flatMap((category) => {
      const own = checks.filter((check) => check.category === category.id);
      if (own.length === 0) return [];
      const rows = own.map((check) => [
        code(check.id, 'cell'),
        `${statuses[check.status]}${check.skipReason === undefined ? '' : ` (${plain(check.skipReason)})`}`,
        check.severity,
        duration(check.durationNs),
        plain(check.message),
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

function findingsOf({ checks }: Validation): string[] {
  const having = checks.filter(({ findings }) => findings.length > 0);
  return [
    '## Findings',
    '',
    ...(having.length === 0 ? ['None.', ''] : []),
    ...having.flatMap(({ id, findings }) => {
      const more = findings.length - findingsMost;
      return [
        `### ${code(id)}`,
        '',
        ...findings.slice(0, findingsMost).map(({ file, line, message }) => {
          const place = line === undefined ? file : `${file}:${line}`;
          return `- ${code(place)} ${plain(message)}`;
        }),
        ...(more > 0 ? [`- and ${more} more, in report.json`] : []),
        '',
      ];
    }),
  ];
}

function overRuns({ suggestions }: Validation): string[] {
  if (suggestions.length === 0) return [];
  return [
    '## Over the last runs',
    '',
    'Percentiles are by nearest rank. A timeout that would do is three times the p99, and at least a second.',
    '',
    ...table(
      ['Check', 'Runs', 'p50', 'p95', 'p99', 'Timeout that would do'],
      suggestions.map(({ id, timeoutMs, runs, p50Ns, p95Ns, p99Ns }) => [
        code(id, 'cell'),
        String(runs),
        ...[p50Ns, p95Ns, p99Ns, timeoutMs * 1e6].map(duration),
      ]),
    ),
    '',
  ];
}

function methodOf(validation: Validation): string[] {
  const { parallel, renormalized, parallelEfficiency, tools, maxWarnings, budgetMs } = validation;
  const weights = renormalized
    ? 'The score is the weighted mean over the categories that were evaluated, with weights divided by their sum.'
    : 'The score is the weighted sum over all categories: one that was not evaluated costs its whole weight.';
  // 0 stands for none.
  const budget = budgetMs === 0 ? 'There was no budget.' : `The budget was ${duration(budgetMs * 1e6)}.`;
  return [
    '## How the numbers were got',
    '',
    '- A category scores passed / (passed + failed) × 100, less 2 for each warning, 20 at most; skipped checks do not count.',
    `- ${weights}`,
    `- Not ready: a fatal check failed, the score is too low, or more than ${maxWarnings} checks warned. Incomplete: a fatal check could not be made.`,
    `- Times are wall times; a check that was ended has the time that really went by. ${budget}`,
    `- ${parallel.lanes} checks at once at most (asked: ${parallel.asked}); of that time ${(parallelEfficiency * 100).toFixed(0)} % was used.`,
    `- A check took ${duration(validation.averageCheckNs)} on the average, and a new one was done every ${duration(validation.wallPerCheckNs)}.`,
    '- Evidence is counted in UTF-8 bytes of its content alone.',
    ...Object.entries(tools)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([tool, version]) => `- ${code(tool)} ${plain(version)}`),
  ];
}

function titleOf({ letter, title }: CategoryResult): string {
  return letter === undefined ? plain(title) : `${letter}. ${plain(title)}`;
}

function duration(ns: number): string {
  return ns < 1e9 ? `${(ns / 1e6).toFixed(1)} ms` : `${(ns / 1e9).toFixed(2)} s`;
}
