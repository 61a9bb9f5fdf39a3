/** A benchmark in words, as plain text for a terminal. */
import type { BenchReport } from './benchmark.ts';
import type { Comparison } from './comparison.ts';
import * as format from './format.ts';
import type { Verdict } from './verdict.ts';

const marks: Readonly<Record<Verdict, string>> = {
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

function verdictsOf(comparison: Comparison): Table {
  return [
    ['case', 'verdict', 'ratio', '95 % interval', 'why'],
    ...comparison.rows.map((row) => [
      row.case,
      marks[row.verdict],
      row.ratio.toFixed(3),
      `${row.lowRatio.toFixed(3)} – ${row.highRatio.toFixed(3)}`,
      row.reason,
    ]),
  ];
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
    [report.at, ...commit, `${report.warmup} warm-up runs, cases interleaved`].join(', '),
  ];
}

function notes(report: BenchReport, comparison: Comparison | undefined): string[] {
  const own = report.cases.flatMap((one) => one.warnings.map((warning) => `${one.name}: ${warning}`));
  return [...own, ...(comparison?.warnings ?? [])];
}

/** Plain text with aligned columns, ending in a line break. */
export function reportText(report: BenchReport, comparison?: Comparison): string {
  const blocks = [
    [report.benchmark, ...facts(report)].join('\n'),
    aligned(casesOf(report)),
    ...(comparison ? [aligned(verdictsOf(comparison))] : []),
    ...notes(report, comparison),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function aligned(table: Table): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  const cell = (text: string, column: number): string =>
    column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0);
  return table.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}
