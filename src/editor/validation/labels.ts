/** Texts about validations, used by the tree view, messages and the clipboard. */
import { duration } from '../../core/format.ts';
import { plural } from '../../protocol/plural.ts';
import type {
  CheckResult,
  CheckStatus,
  ReadyVerdict,
  SkipReason,
  Validation,
} from '../../protocol/validation/validation.ts';
import { separator } from '../escape-label.ts';
import { lightIcons } from '../views/run-summary.ts';
import type { TreeIcon } from '../views/tree-row.ts';

export const verdictLabels: Readonly<Record<ReadyVerdict, string>> = {
  ready: 'Ready',
  not_ready: 'Not ready',
  incomplete: 'Incomplete',
};

export const verdictIcons: Readonly<Record<ReadyVerdict, TreeIcon>> = {
  ready: lightIcons.ok,
  not_ready: lightIcons.error,
  incomplete: { name: 'question', color: 'list.warningForeground' },
};

export const statusLabels: Readonly<Record<CheckStatus, string>> = {
  pass: 'passed',
  fail: 'failed',
  warn: 'warning',
  skip: 'skipped',
};

export const statusIcons: Readonly<Record<CheckStatus, TreeIcon>> = {
  pass: { name: 'pass', color: 'testing.iconPassed' },
  fail: lightIcons.error,
  warn: lightIcons.warning,
  skip: { name: 'debug-step-over', color: 'disabledForeground' },
};

export const skipReasonLabels: Readonly<Record<SkipReason, string>> = {
  not_applicable: 'not applicable to this workspace',
  tool_missing: 'its tool is not installed',
  timeout: 'its time limit was reached',
  budget: 'the time limit of the profile was reached',
  dependency_failed: 'a check that it depends on failed',
  disabled: 'it is disabled',
  no_git: 'the folder is not a git repository',
  crashed: 'the check crashed',
};

/** Formats a verdict as `Not ready: 63 of 100 with profile dev. Of 4 checks, 1 failed, 1 warned, 1 was skipped.` */
export function verdictLine(report: Validation): string {
  const { verdict, score, profile } = report;
  return `${verdictLabels[verdict]}: ${score} of 100 with profile ${profile}. ${countsLine(report.checks)}`;
}

export function countsLine(checks: readonly CheckResult[]): string {
  const countOf = (status: CheckStatus) => checks.filter((check) => check.status === status).length;
  const [failed, warned, skipped] = [countOf('fail'), countOf('warn'), countOf('skip')];
  const parts = [
    failed > 0 ? `${failed} failed` : '',
    warned > 0 ? `${warned} warned` : '',
    skipped > 0 ? `${skipped} ${skipped === 1 ? 'was' : 'were'} skipped` : '',
  ].filter(Boolean);
  const all = plural(checks.length, 'check');
  return parts.length === 0 ? `All ${all} passed.` : `Of ${all}, ${parts.join(', ')}.`;
}

/** Formats a check as `failed · 2 conflict markers are left in 1 file. · 12.0 ms`. */
export function checkLine({ status, message, durationNs, stopped }: CheckResult): string {
  const parts = [statusLabels[status], firstLine(message)];
  if (durationNs > 0) parts.push(`${stopped ? 'at least ' : ''}${duration(durationNs)}`);
  return parts.join(separator);
}

/** Returns the tooltip of a check. */
export function checkDetails(check: CheckResult, suggestedTimeoutMs?: number): string {
  const { id, severity, status, skipReason, message, findings } = check;
  const reason = skipReason === undefined ? '' : `: ${skipReasonLabels[skipReason] ?? skipReason}`;
  return [
    `${id}, ${severity}: ${statusLabels[status]}${reason}`,
    message,
    findings.length > 0 ? plural(findings.length, 'finding') : '',
    ranFor(check),
    suggestedTimeoutMs === undefined ? '' : timeoutLine(suggestedTimeoutMs),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function ranFor({ durationNs, stopped }: CheckResult): string {
  if (durationNs === 0) return 'Not run.';
  return stopped ? `Stopped after ${duration(durationNs)}.` : `Took ${duration(durationNs)}.`;
}

export function timeoutLine(timeoutMs: number): string {
  return `Suggested timeout: ${duration(timeoutMs * 1e6)}.`;
}

/** Formats a check with its findings and remediation, for an issue or a chat. */
export function checkText(check: CheckResult): string {
  const { id, status, message, findings, remediation } = check;
  return [
    `${id}: ${statusLabels[status]}. ${message}`,
    ...findings.map((finding) => `  ${formatLocation(finding.file, finding.line)}: ${finding.message}`),
    ...remediation.flatMap(({ title, steps, command }) => [
      `  ${title}`,
      ...steps.map((step) => `    - ${step}`),
      ...(command ? [`    $ ${commandText(command)}`] : []),
    ]),
  ].join('\n');
}

/** Formats a command as typed in a shell, quoted where necessary. For display only, never for execution. */
export function commandText(command: readonly string[]): string {
  return command
    .map((argument) => (/^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}

export function formatLocation(file: string, line?: number): string {
  return line === undefined ? file : `${file}:${line}`;
}

export function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
