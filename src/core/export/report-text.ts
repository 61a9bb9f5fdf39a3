/** A benchmark in words, as plain text for a terminal. */
import type { BenchReport } from '../benchmark/bench-report.ts';
import type { Comparison, Row } from '../benchmark/comparison.ts';
import type { Verdict } from '../benchmark/judge-change.ts';
import { measures } from '../benchmark/regression.ts';
import * as format from '../format.ts';

export const marks: Readonly<Record<Verdict, string>> = {
  improved: '▼ improved',
  unchanged: '≈ unchanged',
  slower: '▲ slower',
  regressed: '▲ regressed',
  inconclusive: '? inconclusive',
};

type Table = readonly (readonly string[])[];

function casesOf(report: BenchReport): Table {
  return [
    ['case', 'median', '95 % interval', '± MAD', 'fastest', 'slowest', 'processor', 'memory', 'runs'],
    ...report.cases.map((one) => [
      one.name,
      format.duration(one.medianNs),
      `${format.duration(one.lowNs)} – ${format.duration(one.highNs)}`,
      format.duration(one.madNs),
      format.duration(one.minNs),
      format.duration(one.maxNs),
      format.duration(middleOf(one.cpuNs)),
      format.bytes(middleOf(one.peakRssBytes)),
      String(one.samplesNs.length),
    ]),
  ];
}

/** Operations shown of each case; all are in the JSON. */
const operationsShown = 5;

/** Those that take the most time, of each case. */
function operationsOf(report: BenchReport): Table {
  const rows = report.cases.flatMap(({ name, operations = [] }) =>
    operations.slice(0, operationsShown).map((one) => {
      const isSampled = one.source === 'sampled';
      return [
        `${name}: ${one.component}.${one.name}`,
        isSampled ? '–' : format.count(middleOf(one.counts)),
        `${isSampled ? '~' : ''}${format.duration(middleOf(one.samplesNs))}`,
        `${isSampled ? '~' : ''}${format.duration(middleOf(one.samplesNs) * (isSampled ? 1 : middleOf(one.counts)))}`,
      ];
    }),
  );
  return rows.length > 0 ? [['operation', 'calls', 'a call', 'in all'], ...rows] : [];
}

function verdictsOf(comparison: Comparison): Table {
  return [
    ['what', 'verdict', 'before', 'now', 'ratio', '95 % interval', 'p', 'why'],
    ...shownRows(comparison).map((row) => [
      nameOf(row),
      marks[row.verdict],
      inUnit(row, row.before),
      inUnit(row, row.after),
      row.ratio.toFixed(3),
      `${row.lowRatio.toFixed(3)} – ${row.highRatio.toFixed(3)}`,
      row.p < 0.0001 ? '< 0.0001' : row.p.toFixed(4),
      row.reason,
    ]),
  ];
}

/** Whole processes, and of the operations those that say something. */
export function shownRows({ rows }: Comparison): readonly Row[] {
  return rows.filter(({ measure, verdict }) => {
    return measure !== 'operation' || (verdict !== 'unchanged' && verdict !== 'inconclusive');
  });
}

/** `cold: wall time`, or `cold: component.operation`; what was sampled bears its mark. */
export function nameOf({ case: name, measure, operation }: Row): string {
  if (operation) return `${name}: ${operation.source === 'sampled' ? '~' : ''}${operation.component}.${operation.name}`;
  return `${name}: ${measures.find(({ id }) => id === measure)?.title ?? measure}`;
}

/** A median of a row in the unit of what it measures. */
export function inUnit({ measure }: Pick<Row, 'measure'>, value: number): string {
  const unit = measures.find(({ id }) => id === measure)?.unit ?? 'ns';
  return format.quantity(value, unit);
}

/** The upper middle value: a sample that was really seen. */
function middleOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function facts(report: BenchReport): string[] {
  const { machine, git } = report;
  const commit = git ? [`commit ${git.commit.slice(0, 9)}${git.dirty ? ' with changes' : ''}`] : [];
  return [
    [`${machine.cpu}, ${machine.cores} cores`, `Node ${machine.node}`, `load ${machine.load.toFixed(1)}`].join(', '),
    [report.at, ...commit, `${report.warmup} warm-up runs, interleaved${report.order ? ` ${report.order}` : ''}`].join(
      ', ',
    ),
  ];
}

/** Where and when it was measured, in a line: `3f9c2e1b7 on main with changes · 2026-11-20 14:02 UTC · Node 24.21.0`. */
export function originOf({ at, git, machine }: BenchReport): string {
  const branch = git?.branch === undefined ? '' : ` on ${git.branch}`;
  const commit = git ? [`${git.commit.slice(0, 9)}${branch}${git.dirty ? ' with changes' : ''}`] : [];
  return [...commit, `${at.slice(0, 16).replace('T', ' ')} UTC`, `Node ${machine.node}`].join(' · ');
}

function notes(report: BenchReport, comparison: Comparison | undefined): string[] {
  const found = (comparison?.regressions ?? []).map(
    ({ type, severity, case: name, message }) =>
      `${severity} regression (${type.replaceAll('_', ' ')}): ${name}: ${message}`,
  );
  const own = report.cases.flatMap((one) => one.warnings.map((warning) => `${one.name}: ${warning}`));
  return [...found, ...own, ...(comparison?.warnings ?? [])];
}

/** Plain text with aligned columns, ending in a line break. */
export function reportText(report: BenchReport, comparison?: Comparison): string {
  const blocks = [
    [report.benchmark, ...facts(report)].join('\n'),
    aligned(casesOf(report)),
    ...(comparison ? [aligned(verdictsOf(comparison))] : [aligned(operationsOf(report))]),
    ...notes(report, comparison),
  ];
  return `${blocks.filter(Boolean).join('\n\n')}\n`;
}

function aligned(table: Table): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  const cell = (text: string, column: number): string =>
    column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0);
  return table.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}
