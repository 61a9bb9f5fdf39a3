/** Rows for the report of a validation: the verdict, then each category with its checks. */
import { join } from 'node:path';
import { bytes, duration } from '../../core/format.ts';
import { defined } from '../../protocol/defined.ts';
import { plural } from '../../protocol/plural.ts';
import { describeCoverage } from '../../protocol/validation/describe-coverage.ts';
import type {
  CategoryResult,
  CheckResult,
  CheckStatus,
  Evidence,
  Finding,
  Suggestion,
  Validation,
} from '../../protocol/validation/validation.ts';
import { commandIds } from '../commands/command-ids.ts';
import { separator } from '../escape-label.ts';
import type { SourceLocation } from '../source-location.ts';
import type { TreeRow } from '../views/tree-row.ts';
import {
  checkDetails,
  checkLine,
  commandText,
  countsLine,
  firstLine,
  formatLocation,
  statusIcons,
  statusLabels,
  timeoutLine,
  verdictIcons,
  verdictLabels,
} from './labels.ts';

/** Maximum number of findings shown below a check; the report has all of them. */
const maxFindings = 100;

/** Order of checks within a category: those that need attention first. */
const statusOrder: readonly CheckStatus[] = ['fail', 'warn', 'pass', 'skip'];

export function reportRows(report: Validation): readonly TreeRow[] {
  const withChecks = report.categories.filter(({ id }) => report.checks.some(({ category }) => category === id));
  return [verdictRow(report), ...withChecks.map((category) => categoryRow(report, category))];
}

function verdictRow(report: Validation): TreeRow {
  const { verdict, score, profile, durationNs, evaluated, categoriesTotal, reasons, minScore, startedAt, git } = report;
  const { renormalized, checks, coverage } = report;
  const categories = `${evaluated} of ${categoriesTotal} categories evaluated`;
  const others = renormalized
    ? '; the weights of the others were distributed among the evaluated ones'
    : '; the others count as 0, unless they do not apply';
  return {
    id: 'verdict',
    label: verdictLabels[verdict],
    description: [`${score} of 100`, `profile ${profile}`, duration(durationNs), categories].join(separator),
    tooltip: [
      countsLine(checks),
      `Score ${score} of 100; profile ${profile} requires ${minScore}. ${categories}${others}.`,
      ...(coverage ? [`Files: ${describeCoverage(coverage)}`] : []),
      `Started ${new Date(startedAt).toLocaleString()}${git ? ` on commit ${git.commit.slice(0, 10)}` : ''}.`,
    ].join('\n\n'),
    icon: verdictIcons[verdict],
    context: 'pipescope.verdict',
    rows: reasons.map((reason, index) => ({
      id: `reason ${index}`,
      label: reason,
      description: '',
      tooltip: reason,
      icon: { name: 'circle-small' },
      context: 'pipescope.reason',
    })),
  };
}

function categoryRow(report: Validation, category: CategoryResult): TreeRow {
  const { id, letter, title, score, notApplicable, failed, warned, durationNs } = category;
  const checks = report.checks
    .filter((check) => check.category === id)
    .sort((a, b) => statusOrder.indexOf(a.status) - statusOrder.indexOf(b.status));
  const status = failed > 0 ? 'fail' : warned > 0 ? 'warn' : score === undefined ? 'skip' : 'pass';
  const counts = countsLine(checks);
  const unevaluated = notApplicable ? 'not applicable' : 'not evaluated';
  const points = score === undefined ? unevaluated : `${Math.round(score)} of 100`;
  const bound = checks.some(({ stopped }) => stopped) ? 'at least ' : '';
  return {
    id: `category ${id}`,
    label: letter === undefined ? title : `${letter} ${title}`,
    description: [statusLabels[status], points, `${bound}${duration(durationNs)}`].join(separator),
    tooltip: `${title}: ${points}. ${counts}`,
    icon: statusIcons[status],
    context: 'pipescope.category',
    ...(status === 'fail' ? { open: true } : {}),
    rows: checks.map((check) => checkRow(report, check)),
  };
}

function checkRow(report: Validation, check: CheckResult): TreeRow {
  const { id, status, findings, remediation } = check;
  const locations = findings.map((finding) => findingLocation(report.workspace, finding));
  const location = locations.find((candidate) => candidate !== undefined);
  const suggestion = report.suggestions.find((candidate) => candidate.id === id);
  const fixIndex = remediation.findIndex(({ command }) => command !== undefined);
  const part = fixIndex < 0 ? undefined : fixIndex;
  return {
    id: `check ${id}`,
    label: id,
    description: checkLine(check),
    tooltip: checkDetails(check, suggestion?.timeoutMs),
    icon: statusIcons[status],
    context: `pipescope.check ${status}${location ? ' placed' : ''}${part === undefined ? '' : ' fixable'}`,
    check: id,
    ...defined({ part, location }),
    rows: [
      ...findingRows(report, check),
      ...remediationRows(check),
      ...check.evidence.map((evidence, index) => evidenceRow(check, evidence, index)),
      ...(suggestion ? [suggestionRow(suggestion)] : []),
    ],
  };
}

/** Returns undefined for a finding about a folder. */
function findingLocation(workspace: string, finding: Pick<Finding, 'file' | 'line'>): SourceLocation | undefined {
  const { file, line = 1 } = finding;
  return file.endsWith('/') ? undefined : { file: join(workspace, file), line: Math.max(line, 1) };
}

function findingRows({ workspace }: Validation, { id, findings }: CheckResult): readonly TreeRow[] {
  const rows = findings.slice(0, maxFindings).map((finding, index): TreeRow => {
    const { file, line, message } = finding;
    const location = findingLocation(workspace, finding);
    const command = location && { title: 'Open', command: commandIds.revealOperation, arguments: [location] };
    return {
      id: `finding ${id} ${index}`,
      label: formatLocation(file, line),
      description: firstLine(message),
      tooltip: message,
      icon: { name: location ? 'go-to-file' : 'folder' },
      context: `pipescope.finding${location ? ' placed' : ''}`,
      check: id,
      ...defined({ location, command }),
    };
  });
  const omitted = findings.length - rows.length;
  return omitted === 0 ? rows : [...rows, moreFindingsRow(id, omitted)];
}

function moreFindingsRow(check: string, omitted: number): TreeRow {
  const more = plural(omitted, 'more finding');
  return {
    id: `findings ${check}`,
    label: more,
    description: 'in the report',
    tooltip: `${more} in the report.`,
    icon: { name: 'ellipsis' },
    context: 'pipescope.more',
    check,
    command: { title: 'Open Report', command: commandIds.openValidationReport },
  };
}

function remediationRows({ id, remediation }: CheckResult): readonly TreeRow[] {
  return remediation.map(({ priority, title, steps, command }, part) => ({
    id: `remediation ${id} ${part}`,
    label: title,
    description: [priority, ...(command ? [commandText(command)] : [])].join(separator),
    tooltip: [title, ...steps.map((step, index) => `${index + 1}. ${step}`)].join('\n'),
    icon: { name: command ? 'wrench' : 'lightbulb' },
    context: `pipescope.remediation${command ? ' fixable' : ''}`,
    check: id,
    part,
    rows: steps.map((step, index) => ({
      id: `step ${id} ${part} ${index}`,
      label: `${index + 1}. ${step}`,
      description: '',
      tooltip: step,
      icon: { name: 'circle-small' },
      context: 'pipescope.step',
    })),
  }));
}

const evidenceLabels: Readonly<Record<string, string>> = {
  file_content: 'File content',
  command_output: 'Program output',
  log_entry: 'Log',
  metric: 'Metric',
  hash: 'SHA-256',
};

function evidenceRow({ id }: CheckResult, { kind, content, path, line }: Evidence, part: number): TreeRow {
  const size = bytes(new TextEncoder().encode(content).length);
  return {
    id: `evidence ${id} ${part}`,
    label: path === undefined ? (evidenceLabels[kind] ?? kind) : formatLocation(path, line),
    description: ['evidence', firstLine(content).trim().slice(0, 80), size].filter(Boolean).join(separator),
    tooltip: content.length > 2000 ? `${content.slice(0, 2000)}…` : content,
    icon: { name: 'output' },
    context: 'pipescope.evidence',
    check: id,
    part,
    command: { title: 'Show Evidence', command: commandIds.showEvidence, arguments: [{ check: id, part }] },
  };
}

function suggestionRow({ id, timeoutMs, runs, p50Ns, p95Ns, p99Ns }: Suggestion): TreeRow {
  const line = timeoutLine(timeoutMs).replace(/\.$/, '');
  const lastRuns = `last ${plural(runs, 'run')}`;
  const [p50, p95, p99] = [p50Ns, p95Ns, p99Ns].map(duration);
  const percentiles = `p50 ${p50}, p95 ${p95}, p99 ${p99}`;
  return {
    id: `suggestion ${id}`,
    label: line,
    description: `from its ${lastRuns}: ${percentiles}`,
    tooltip: `${line}, which is three times the p99 of the ${lastRuns} and at least one second. Durations: ${percentiles}.`,
    icon: { name: 'watch' },
    context: 'pipescope.suggestion',
    check: id,
  };
}
