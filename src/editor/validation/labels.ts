/** A validation in words: the same in the tree, in messages and on the clipboard. */
import { duration } from '../../core/format.ts';
import type { CheckResult, CheckStatus, ReadyVerdict, SkipReason, Validation } from '../../protocol/validation.ts';
import { lightIcons } from '../views/run-summary.ts';
import type { Icon } from '../views/tree-row.ts';

export const separator = ' · ';

export const verdictWords: Readonly<Record<ReadyVerdict, string>> = {
  ready: 'Ready',
  not_ready: 'Not ready',
  incomplete: 'Incomplete',
};

export const verdictIcons: Readonly<Record<ReadyVerdict, Icon>> = {
  ready: lightIcons.ok,
  not_ready: lightIcons.error,
  incomplete: { name: 'question', color: 'list.warningForeground' },
};

export const statusWords: Readonly<Record<CheckStatus, string>> = {
  pass: 'passed',
  fail: 'failed',
  warn: 'warning',
  skip: 'skipped',
};

export const statusIcons: Readonly<Record<CheckStatus, Icon>> = {
  pass: { name: 'pass', color: 'testing.iconPassed' },
  fail: lightIcons.error,
  warn: lightIcons.warning,
  skip: { name: 'debug-step-over', color: 'disabledForeground' },
};

export const skipWords: Readonly<Record<SkipReason, string>> = {
  not_applicable: 'nothing to look at here',
  tool_missing: 'its tool is not installed',
  budget: 'the time of the profile was used up',
  dependency_failed: 'a check that it depends on failed',
  disabled: 'it is switched off',
  no_git: 'the folder is no git repository',
  crashed: 'it broke off with an error of its own',
};

/** `Not ready: 63 of 100 with profile dev. 1 of 4 checks failed, 1 warned, 1 was skipped.` */
export function verdictLine(report: Validation): string {
  const { verdict, score, profile } = report;
  return `${verdictWords[verdict]}: ${score} of 100 with profile ${profile}. ${countsLine(report.checks)}`;
}

export function countsLine(checks: readonly CheckResult[]): string {
  const of = (status: CheckStatus) => checks.filter((check) => check.status === status).length;
  const [failed, warned, skipped] = [of('fail'), of('warn'), of('skip')];
  const parts = [
    failed > 0 ? `${failed} failed` : '',
    warned > 0 ? `${warned} warned` : '',
    skipped > 0 ? `${skipped} ${skipped === 1 ? 'was' : 'were'} skipped` : '',
  ].filter(Boolean);
  const all = `${checks.length} ${checks.length === 1 ? 'check' : 'checks'}`;
  return parts.length === 0 ? `All ${all} passed.` : `Of ${all}, ${parts.join(', ')}.`;
}

/** `failed · 2 conflict markers are left in 1 file. · 12.0 ms` */
export function checkLine({ status, message, durationNs }: CheckResult): string {
  const parts = [statusWords[status], firstLine(message)];
  if (durationNs > 0) parts.push(duration(durationNs));
  return parts.join(separator);
}

/** All that is known of a check, for its tooltip. */
export function checkDetails(check: CheckResult, suggestedMs?: number): string {
  const { id, severity, status, skipReason, message, durationNs, findings } = check;
  const why = skipReason === undefined ? '' : `: ${skipWords[skipReason] ?? skipReason}`;
  return [
    `${id}, ${severity}: ${statusWords[status]}${why}`,
    message,
    findings.length > 0 ? `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}` : '',
    durationNs > 0 ? `Took ${duration(durationNs)}.` : 'It was not run.',
    suggestedMs === undefined ? '' : timeoutLine(suggestedMs),
  ]
    .filter(Boolean)
    .join('\n\n');
}

/** A timeout that its last runs would have kept. */
export function timeoutLine(timeoutMs: number): string {
  return `Suggested timeout: ${duration(timeoutMs * 1e6)}.`;
}

/** A check as people paste it into an issue or a chat. */
export function checkText(check: CheckResult): string {
  const { id, status, message, findings, remediation } = check;
  return [
    `${id}: ${statusWords[status]}. ${message}`,
    ...findings.map(({ file, line, message: what }) => `  ${place(file, line)}: ${what}`),
    ...remediation.flatMap(({ title, steps, command }) => [
      `  ${title}`,
      ...steps.map((step) => `    - ${step}`),
      ...(command ? [`    $ ${commandText(command)}`] : []),
    ]),
  ].join('\n');
}

/** A command as it would be typed: words in quotes where they need them. It is for reading, and is not run. */
export function commandText(command: readonly string[]): string {
  return command.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
}

export function place(file: string, line?: number): string {
  return line === undefined ? file : `${file}:${line}`;
}

export function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
