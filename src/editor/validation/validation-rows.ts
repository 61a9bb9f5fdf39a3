/** The view of a validation: its verdict, then each category with its checks, what they found and what to do. */
import { join } from 'node:path';
import { bytes, duration, whole } from '../../core/format.ts';
import type { OperationState, Snapshot } from '../../protocol/snapshot.ts';
import {
  type CategoryResult,
  type CheckResult,
  type CheckStatus,
  checkErrors,
  type Evidence,
  type Finding,
  type Suggestion,
  type Validation,
} from '../../protocol/validation.ts';
import type { Place } from '../source-location.ts';
import { lightIcons, lightWords, resultOf } from '../views/run-summary.ts';
import type { Row } from '../views/tree-row.ts';
import {
  checkDetails,
  checkLine,
  commandText,
  countsLine,
  firstLine,
  place,
  separator,
  statusIcons,
  statusWords,
  timeoutLine,
  verdictIcons,
  verdictWords,
} from './labels.ts';

/** Findings shown below a check; the report has all. */
const mostFindings = 100;

/** What needs attention comes first. */
const order: readonly CheckStatus[] = ['fail', 'warn', 'pass', 'skip'];

export interface Known {
  readonly report: Validation | undefined;
  /** Nothing is under way. */
  readonly settled: boolean;
}

/** What the newest validation says; while it runs, what is known of it; nothing where there was none. */
export function rowsOf({ snapshot }: { readonly snapshot: Snapshot | undefined }, known: Known): readonly Row[] {
  const own = snapshot?.run.pipeline === 'validation' ? snapshot : undefined;
  if (own && (own.run.result === 'running' || !known.settled)) return liveRows(own);
  if (known.report) return validationRows(known.report);
  return own ? [brokenRow(own)] : [];
}

/** It ended before there was a report. */
function brokenRow(snapshot: Snapshot): Row {
  const tooltip = resultOf(snapshot);
  return {
    id: 'broken',
    label: 'No result',
    description: tooltip,
    tooltip,
    icon: statusIcons.warn,
    context: 'pipescope.broken',
  };
}

function liveRows({ components, operations }: Snapshot): readonly Row[] {
  const checks = operations.filter(({ kind, count }) => kind === 'check' && count > 0);
  const done = `${checks.length} ${checks.length === 1 ? 'check' : 'checks'} done`;
  const head: Row = {
    id: 'running',
    label: 'Validating',
    description: done,
    tooltip: done,
    icon: { name: 'loading~spin' },
    context: 'pipescope.running',
  };
  const busy = components.filter(({ name }) => checks.some(({ component }) => component === name));
  return [
    head,
    ...busy.map(({ name, light, reason }) => ({
      id: `live ${name}`,
      label: name,
      description: reason === lightWords[light] ? reason : [lightWords[light], reason].join(separator),
      tooltip: reason,
      icon: lightIcons[light],
      context: 'pipescope.category',
      rows: checks
        .filter(({ component }) => component === name)
        .map((check) => {
          const status = statusOf(check);
          return {
            id: `live ${name} ${check.name}`,
            label: check.name,
            description: [statusWords[status], duration(check.totalNs)].join(separator),
            tooltip: `${check.name}: ${statusWords[status]}`,
            icon: statusIcons[status],
            context: 'pipescope.check',
          };
        }),
    })),
  ];
}

/** What its operation tells of a check that has ended; the report says more. */
function statusOf({ errorTypes }: OperationState): CheckStatus {
  if (errorTypes[checkErrors.fail]) return 'fail';
  if (errorTypes[checkErrors.warn]) return 'warn';
  return errorTypes[checkErrors.crashed] ? 'skip' : 'pass';
}

export function validationRows(report: Validation): readonly Row[] {
  const withChecks = report.categories.filter(({ id }) => report.checks.some(({ category }) => category === id));
  return [verdictRow(report), ...withChecks.map((category) => categoryRow(report, category))];
}

function verdictRow(report: Validation): Row {
  const { verdict, score, profile, durationNs, evaluated, categoriesTotal, reasons, minScore, startedAt, git } = report;
  const { renormalized, checks } = report;
  const categories = `${evaluated} of ${categoriesTotal} categories evaluated`;
  return {
    id: 'verdict',
    label: verdictWords[verdict],
    description: [`${score} of 100`, `profile ${profile}`, duration(durationNs), categories].join(separator),
    tooltip: [
      countsLine(checks),
      `Score ${score} of 100; profile ${profile} wants ${minScore}. ${categories}${
        renormalized ? '; the weights of the others were shared out' : ', the others count as 0'
      }.`,
      `Begun ${new Date(startedAt).toLocaleString()}${git ? ` on commit ${git.commit.slice(0, 10)}` : ''}.`,
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

function categoryRow(report: Validation, category: CategoryResult): Row {
  const { id, letter, title, score, failed, warned, durationNs } = category;
  const checks = report.checks
    .filter((check) => check.category === id)
    .sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  const status = failed > 0 ? 'fail' : warned > 0 ? 'warn' : score === undefined ? 'skip' : 'pass';
  const counts = countsLine(checks);
  const points = score === undefined ? 'not evaluated' : `${Math.round(score)} of 100`;
  return {
    id: `category ${id}`,
    label: letter === undefined ? title : `${letter} ${title}`,
    description: [statusWords[status], points, duration(durationNs)].join(separator),
    tooltip: `${title}: ${points}. ${counts}`,
    icon: statusIcons[status],
    context: 'pipescope.category',
    ...(status === 'fail' ? { open: true } : {}),
    rows: checks.map((check) => checkRow(report, check)),
  };
}

function checkRow(report: Validation, check: CheckResult): Row {
  const { id, status, findings, remediation } = check;
  const first = findings.map((finding) => placeOf(report.workspace, finding)).find((at) => at !== undefined);
  const suggested = report.suggestions.find((suggestion) => suggestion.id === id);
  const fixable = remediation.findIndex(({ command }) => command !== undefined);
  return {
    id: `check ${id}`,
    label: id,
    description: checkLine(check),
    tooltip: checkDetails(check, suggested?.timeoutMs),
    icon: statusIcons[status],
    context: `pipescope.check ${status}${first ? ' placed' : ''}${fixable < 0 ? '' : ' fixable'}`,
    check: id,
    ...(fixable < 0 ? {} : { part: fixable }),
    ...(first ? { place: first } : {}),
    rows: [
      ...findingRows(report, check),
      ...remediationRows(check),
      ...check.evidence.map((evidence, index) => evidenceRow(check, evidence, index)),
      ...(suggested ? [suggestionRow(suggested)] : []),
    ],
  };
}

/** Where a finding leads to: nowhere, if it is of a folder. */
function placeOf(workspace: string, { file, line = 1 }: Pick<Finding, 'file' | 'line'>): Place | undefined {
  return file.endsWith('/') ? undefined : { file: join(workspace, file), line: Math.max(line, 1) };
}

function findingRows({ workspace }: Validation, { id, findings }: CheckResult): readonly Row[] {
  const rows = findings.slice(0, mostFindings).map((finding, index): Row => {
    const { file, line, message } = finding;
    const at = placeOf(workspace, finding);
    return {
      id: `finding ${id} ${index}`,
      label: place(file, line),
      description: firstLine(message),
      tooltip: message,
      icon: { name: at ? 'go-to-file' : 'folder' },
      context: `pipescope.finding${at ? ' placed' : ''}`,
      check: id,
      ...(at ? { place: at, command: { title: 'Open', command: 'pipescope.revealOperation', arguments: [at] } } : {}),
    };
  });
  const left = findings.length - rows.length;
  if (left === 0) return rows;
  const more = `${whole(left)} more ${left === 1 ? 'finding' : 'findings'}`;
  const command = { title: 'Open Report', command: 'pipescope.openValidationReport' };
  const text = { label: more, description: 'in the report', tooltip: `${more} in the report.` };
  return [
    ...rows,
    { id: `findings ${id}`, ...text, icon: { name: 'ellipsis' }, context: 'pipescope.more', check: id, command },
  ];
}

function remediationRows({ id, remediation }: CheckResult): readonly Row[] {
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

const kindWords: Readonly<Record<string, string>> = {
  file_content: 'Content of a file',
  command_output: 'Output of a program',
  log_entry: 'Log',
  metric: 'Measure',
  hash: 'SHA-256',
};

function evidenceRow({ id }: CheckResult, { kind, content, path, line }: Evidence, part: number): Row {
  const title = path === undefined ? (kindWords[kind] ?? kind) : place(path, line);
  const size = bytes(new TextEncoder().encode(content).length);
  return {
    id: `evidence ${id} ${part}`,
    label: title,
    description: ['evidence', firstLine(content).trim().slice(0, 80), size].filter(Boolean).join(separator),
    tooltip: content.length > 2000 ? `${content.slice(0, 2000)}…` : content,
    icon: { name: 'output' },
    context: 'pipescope.evidence',
    check: id,
    part,
    command: { title: 'Show Evidence', command: 'pipescope.showEvidence', arguments: [{ check: id, part }] },
  };
}

function suggestionRow({ id, timeoutMs, runs, p50Ns, p95Ns, p99Ns }: Suggestion): Row {
  const line = timeoutLine(timeoutMs).replace(/\.$/, '');
  const [p50, p95, p99] = [p50Ns, p95Ns, p99Ns].map(duration);
  return {
    id: `suggestion ${id}`,
    label: line,
    description: `from its last ${runs} ${runs === 1 ? 'run' : 'runs'}: p50 ${p50}, p95 ${p95}, p99 ${p99}`,
    tooltip: `${line}: three times the 99th percentile of its last ${runs} ${runs === 1 ? 'run' : 'runs'}, and no less than a second. They took ${p50} (p50), ${p95} (p95), ${p99} (p99).`,
    icon: { name: 'watch' },
    context: 'pipescope.suggestion',
    check: id,
  };
}
