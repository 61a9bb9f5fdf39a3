/** Formats benchmark reports and comparisons as plain text for a terminal. */

import { joinTerminalLines } from '../../protocol/escape/terminal-lines.ts';
import { toVisibleLine } from '../../protocol/escape/visible-line.ts';
import type { ChangeVerdict } from '../../protocol/panel/benchmark-state.ts';
import { plural } from '../../protocol/plural.ts';
import type { BenchOperation, BenchReport } from '../benchmark/bench-report.ts';
import { caseWarnings } from '../benchmark/case-warnings.ts';
import type { Comparison, ComparisonRow } from '../benchmark/comparison.ts';
import { formatMedianInterval } from '../benchmark/interval-text.ts';
import { measures } from '../benchmark/regression.ts';
import * as format from '../format.ts';

const verdictMarks: Readonly<Record<ChangeVerdict, string>> = {
  improved: '▼ improved',
  unchanged: '≈ unchanged',
  slower: '▲ slower',
  regressed: '▲ regressed',
  inconclusive: '? inconclusive',
};

type Table = readonly (readonly string[])[];

function casesTable(report: BenchReport): Table {
  return [
    ['case', 'median', '95 % interval', '± MAD', 'fastest', 'slowest', 'CPU', 'memory', 'runs'],
    ...report.cases.map(({ name, samplesNs, cpuNs, peakRssBytes, ...summary }) => [
      name,
      format.duration(summary.medianNs),
      formatMedianInterval(summary, '–'),
      format.duration(summary.madNs),
      format.duration(summary.minNs),
      format.duration(summary.maxNs),
      format.duration(upperMedian(cpuNs)),
      format.bytes(upperMedian(peakRssBytes)),
      String(samplesNs.length),
    ]),
  ];
}

/** Maximum number of operations per case; the JSON export has all of them. */
const maxOperationsPerCase = 5;

/** Lists the operations with the largest total times of each case. The total is the time per call times the calls, unless they overlap. */
export function operationsTable(report: BenchReport): Table {
  const rows = report.cases.flatMap(({ name, operations = [] }) =>
    operations.slice(0, maxOperationsPerCase).map((operation) => {
      const isSampled = operation.source === 'sampled';
      const mark = operation.source === 'measured' ? '' : '~';
      const calls = upperMedian(operation.counts) ?? 0;
      const valueNs = upperMedian(operation.samplesNs) ?? 0;
      return [
        `${name}: ${operationTitle(operation)}`,
        isSampled ? format.missing : format.count(calls),
        isSampled ? format.missing : `${mark}${format.duration(valueNs)}`,
        `${mark}${format.duration(upperMedian(operation.totalsNs) ?? valueNs * (isSampled ? 1 : calls))}`,
      ];
    }),
  );
  return rows.length > 0 ? [['operation', 'calls', 'per call', 'total'], ...rows] : [];
}

/** Returns sentences that say which numbers come from the runs with the probe. */
export function describeProfiledRuns({ cases }: BenchReport): readonly string[] {
  return cases.flatMap(({ name, profiled, operations, p95Ns, errorRatios }) => {
    if (!profiled || !(operations || p95Ns || errorRatios)) return [];
    const runs = plural(profiled.samplesNs.length, 'further run');
    const median = format.duration(upperMedian(profiled.samplesNs));
    const parts = [
      ...(operations ? ['operations'] : []),
      ...(p95Ns ? ['p95'] : []),
      ...(errorRatios ? ['failed calls'] : []),
    ];
    return [`${name}: ${parts.join(', ')} from ${runs} with the probe (median wall time ${median}).`];
  });
}

function verdictsTable(comparison: Comparison): Table {
  return [
    ['measure', 'verdict', 'before', 'now', 'ratio', '95 % interval', 'p', 'reason'],
    ...selectRows(comparison).map((row) => [
      rowTitle(row),
      verdictMarks[row.verdict],
      formatInUnit(row, row.before),
      formatInUnit(row, row.after),
      row.ratio.toFixed(3),
      row.lowRatio === undefined || row.highRatio === undefined
        ? format.missing
        : `${row.lowRatio.toFixed(3)} – ${row.highRatio.toFixed(3)}`,
      row.p < 0.0001 ? '< 0.0001' : row.p.toFixed(4),
      row.reason,
    ]),
  ];
}

/** Selects the rows of whole processes, and those of operations with a clear change. */
export function selectRows({ rows }: Comparison): readonly ComparisonRow[] {
  return rows.filter(({ measure, verdict }) => {
    return measure !== 'operation' || (verdict !== 'unchanged' && verdict !== 'inconclusive');
  });
}

/** Returns `cold: wall time` or `cold: component.operation`; sampled operations are marked with `~`. */
export function rowTitle({ case: name, measure, operation }: ComparisonRow): string {
  if (operation) return `${name}: ${operation.source === 'sampled' ? '~' : ''}${operationTitle(operation)}`;
  return `${name}: ${measures.find(({ id }) => id === measure)?.title ?? measure}`;
}

/** A package or owner of code that is not the user's is an operation with the name of its component. */
function operationTitle({ component, name }: Pick<BenchOperation, 'component' | 'name'>): string {
  return component === name ? name : `${component}.${name}`;
}

/** Formats a median in the unit of the row's measure. */
export function formatInUnit({ measure }: Pick<ComparisonRow, 'measure'>, value: number): string {
  const unit = measures.find(({ id }) => id === measure)?.unit ?? 'ns';
  return format.quantity(value, unit);
}

/** Returns the upper median, which unlike the mean of two values was really observed, or undefined without values. */
function upperMedian(values: readonly number[] = []): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function describeConditions(report: BenchReport): string[] {
  const { machine, git } = report;
  const commit = git ? [`commit ${git.commit.slice(0, 9)}${git.dirty ? ' with changes' : ''}`] : [];
  return [
    [`${machine.cpu}, ${machine.cores} cores`, `Node ${machine.node}`, `load ${machine.load.toFixed(1)}`].join(', '),
    [
      report.at,
      ...commit,
      `${plural(report.warmup, 'warm-up run')}, interleaved${report.order ? ` ${report.order}` : ''}`,
    ].join(', '),
  ];
}

/** Returns commit, date and runtime: `3f9c2e1b7 on main with changes · 2026-11-20 14:02 UTC · Node 24.21.0`. */
export function describeOrigin({ at, git, machine }: BenchReport): string {
  const branch = git?.branch === undefined ? '' : ` on ${git.branch}`;
  const commit = git ? [`${git.commit.slice(0, 9)}${branch}${git.dirty ? ' with changes' : ''}`] : [];
  return [...commit, `${at.slice(0, 16).replace('T', ' ')} UTC`, `Node ${machine.node}`].join(' · ');
}

function listNotes(report: BenchReport, comparison: Comparison | undefined): string[] {
  const regressions = (comparison?.regressions ?? []).map(
    ({ type, severity, case: name, message }) =>
      `${severity} regression (${type.replaceAll('_', ' ')}): ${name}: ${message}`,
  );
  return [...regressions, ...caseWarnings(report), ...(comparison?.warnings ?? [])];
}

/** Returns plain text with aligned columns for a terminal, which ends in a line break. */
export function formatReportText(report: BenchReport, comparison?: Comparison): string {
  const blocks = [
    [report.benchmark, ...describeConditions(report)],
    alignColumns(casesTable(report)),
    alignColumns(comparison ? verdictsTable(comparison) : operationsTable(report)),
    describeProfiledRuns(report),
    ...listNotes(report, comparison).map((note) => [note]),
  ];
  const lines = blocks.filter((block) => block.length > 0).flatMap((block) => ['', ...block]);
  return joinTerminalLines(lines.slice(1));
}

function alignColumns(rows: Table): readonly string[] {
  const table = rows.map((row) => row.map(toVisibleLine));
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  const cell = (text: string, column: number): string =>
    column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0);
  return table.map((row) => row.map(cell).join('  ').trimEnd());
}
