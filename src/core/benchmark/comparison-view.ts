/** A comparison as the panel shows it: rows by their impact, on one scale, each with its samples ready to be drawn. */
import type { ComparedRow, ComparisonState } from '../../protocol/benchmark-state.ts';
import { defined } from '../../protocol/defined.ts';
import { originOf } from '../export/report-text.ts';
import { spreadOf } from '../statistics/kde.ts';
import { median } from '../statistics/statistics.ts';
import type { BenchReport } from './bench-report.ts';
import { type Comparison, isSame, type Row, samplesOf } from './comparison.ts';
import { measures } from './regression.ts';

export interface Compared {
  /** What the baseline is called. */
  readonly name: string;
  readonly baseline: BenchReport;
  readonly candidate: BenchReport;
  readonly comparison: Comparison;
}

/** Rows of operations that are listed. */
export const mostOperations = 150;

/** Pauses after each row. */
export function* comparisonState(compared: Compared): Generator<void, ComparisonState> {
  const { name, baseline, candidate, comparison } = compared;
  const whole: ComparedRow[] = [];
  const operations: ComparedRow[] = [];
  for (const row of comparison.rows) {
    (row.operation ? operations : whole).push(rowOf(row, compared));
    yield;
  }
  const listed = operations.sort(byImpact).slice(0, mostOperations);
  const rows = [...whole, ...listed];
  return {
    benchmark: candidate.benchmark,
    against: name,
    before: originOf(baseline),
    after: originOf(candidate),
    verdict: comparison.verdict,
    rows,
    omitted: operations.length - listed.length,
    scale: scaleOf(rows),
    regressions: comparison.regressions,
    warnings: [
      ...candidate.cases.flatMap((one) => one.warnings.map((warning) => `${one.name}: ${warning}`)),
      ...comparison.warnings,
    ],
  };
}

/** Of which something is known for sure. */
function isSure({ verdict }: Pick<ComparedRow, 'verdict'>): boolean {
  return verdict === 'improved' || verdict === 'slower' || verdict === 'regressed';
}

function rowOf(row: Row, { baseline, candidate }: Compared): ComparedRow {
  const { measure, operation, ...answer } = row;
  const kind = measures.find(({ id }) => id === measure);
  const impactNs = impactOf(row, candidate);
  return {
    ...answer,
    key: [row.case, measure, operation?.component, operation?.name, operation?.file, operation?.source].join('\0'),
    what: operation?.name ?? kind?.title ?? measure,
    ...(operation ? { operation } : {}),
    unit: kind?.unit ?? 'ns',
    worse: kind?.worse ?? 'more',
    ...defined({ impactNs }),
    spread: spreadOf(samplesOf(row, baseline), samplesOf(row, candidate)),
  };
}

/** The change of a call times the calls of a run; what was sampled is the whole run's time already. */
function impactOf({ case: name, operation, before, after }: Row, { cases }: BenchReport): number | undefined {
  if (!operation) return undefined;
  const found = cases.find((one) => one.name === name)?.operations?.find((other) => isSame(operation, other));
  if (!found) return undefined;
  return (after - before) * (operation.source === 'sampled' ? 1 : median([...found.counts]));
}

function byImpact(a: ComparedRow, b: ComparedRow): number {
  return Number(isSure(b)) - Number(isSure(a)) || Math.abs(b.impactNs ?? 0) - Math.abs(a.impactNs ?? 0);
}

/** Marks that people know, as ratios. */
const knownTicks = [0.05, 0.1, 0.2, 0.33, 0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 5, 10, 20];
/** The scale reaches at least, and at most, so far to each side. */
const [leastReach, mostReach] = [1.25, 20];
/** What is not sure may run out of the scale from here on. */
const unsureReach = 2;
/** Of the scale's length. */
const tickGap = 0.2;

/** One for all rows, as far to both sides: a fall to a half is as long as a doubling. */
function scaleOf(rows: readonly ComparedRow[]): ComparisonState['scale'] {
  const reaches = rows.map((row) => {
    const reach = Math.max(1 / row.lowRatio, row.highRatio);
    return isSure(row) ? reach : Math.min(reach, unsureReach);
  });
  const high = Math.min(mostReach, Math.max(leastReach, ...reaches.filter((reach) => reach > 0)) * 1.05);
  const place = (ratio: number): number => Math.log(ratio) / (2 * Math.log(high));
  const ticks = [1];
  for (const ratio of knownTicks.toSorted((a, b) => Math.abs(Math.log(a)) - Math.abs(Math.log(b)))) {
    const isNear = ticks.some((other) => Math.abs(place(ratio) - place(other)) < tickGap);
    if (ratio < high && ratio > 1 / high && !isNear) ticks.push(ratio);
  }
  return { low: 1 / high, high, ticks: ticks.sort((a, b) => a - b) };
}
