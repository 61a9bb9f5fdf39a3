/** Builds the panel's view of a comparison: rows sorted by impact, on one scale, each with its samples ready to draw. */

import { defined } from '../../protocol/defined.ts';
import type { ComparisonState, ComparisonViewRow } from '../../protocol/panel/benchmark-state.ts';
import { describeOrigin, describeProfiledRuns } from '../export/report-text.ts';
import { estimateDensities } from '../statistics/kde.ts';
import type { BenchReport } from './bench-report.ts';
import { caseWarnings } from './case-warnings.ts';
import { type Comparison, type ComparisonRow, isSameOperation, samplesOf } from './comparison.ts';
import { measures } from './regression.ts';
import { totalTimeOf } from './summarize-case.ts';

export interface ComparedReports {
  /** Name of the baseline. */
  readonly name: string;
  readonly baseline: BenchReport;
  readonly candidate: BenchReport;
  readonly comparison: Comparison;
}

/** Maximum number of rows that describe operations. */
const maxOperationRows = 150;

/** Yields after each row, so that the caller can keep an event loop responsive. */
export function* buildComparisonView(compared: ComparedReports): Generator<void, ComparisonState> {
  const { name, baseline, candidate, comparison } = compared;
  const whole: ComparisonViewRow[] = [];
  const operations: ComparisonViewRow[] = [];
  for (const row of comparison.rows) {
    (row.operation ? operations : whole).push(buildRow(row, compared));
    yield;
  }
  const listed = operations.sort(byImpact).slice(0, maxOperationRows);
  const rows = [...whole, ...listed];
  return {
    benchmark: candidate.benchmark,
    against: name,
    before: describeOrigin(baseline),
    after: describeOrigin(candidate),
    verdict: comparison.verdict,
    rows,
    omitted: operations.length - listed.length,
    scale: computeScale(rows),
    regressions: comparison.regressions,
    warnings: [...caseWarnings(candidate), ...comparison.warnings],
    notes: describeProfiledRuns(candidate),
  };
}

/** Returns true if the samples show a change. */
function isDecisive({ verdict }: Pick<ComparisonViewRow, 'verdict'>): boolean {
  return verdict === 'improved' || verdict === 'slower' || verdict === 'regressed';
}

function buildRow(row: ComparisonRow, compared: ComparedReports): ComparisonViewRow {
  const { measure, operation, ...judgement } = row;
  const definition = measures.find(({ id }) => id === measure);
  const impactNs = computeImpact(row, compared.candidate);
  const { before, after } = samplesOf(row, compared);
  return {
    ...judgement,
    key: [
      row.case,
      measure,
      operation?.component,
      operation?.name,
      operation?.file,
      operation?.line,
      operation?.source,
    ].join('\0'),
    what: operation?.name ?? definition?.title ?? measure,
    ...defined({ operation, impactNs }),
    unit: definition?.unit ?? 'ns',
    worse: definition?.worse ?? 'more',
    spread: estimateDensities(before, after),
  };
}

/** Returns the time that the change of an operation adds to one run. */
function computeImpact(
  { case: name, operation, before, after }: ComparisonRow,
  { cases }: BenchReport,
): number | undefined {
  if (!operation) return undefined;
  const { operations } = cases.find((benchCase) => benchCase.name === name) ?? {};
  const current = operations?.find((candidate) => isSameOperation(operation, candidate));
  if (!current) return undefined;
  return totalTimeOf(current) * (1 - before / after);
}

function byImpact(a: ComparisonViewRow, b: ComparisonViewRow): number {
  return Number(isDecisive(b)) - Number(isDecisive(a)) || Math.abs(b.impactNs ?? 0) - Math.abs(a.impactNs ?? 0);
}

/** Ratios that are easy to read. */
const candidateTicks = [0.05, 0.1, 0.2, 0.33, 0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2, 3, 5, 10, 20];
/** Limits of the scale on each side, as ratios. */
const [minReach, maxReach] = [1.25, 20];
/** Intervals of rows without a clear change widen the scale only up to this ratio, so they may extend beyond it. */
const maxUncertainReach = 2;
/** Minimum distance of two ticks, as a share of the scale's length. */
const minTickGap = 0.2;

/** Computes one logarithmic scale for all rows. It is symmetric: halving is as far from 1 as doubling. */
function computeScale(rows: readonly ComparisonViewRow[]): ComparisonState['scale'] {
  const reaches = rows.map((row) => {
    const { ratio, lowRatio = ratio, highRatio = ratio } = row;
    const reach = Math.max(1 / lowRatio, highRatio);
    return isDecisive(row) ? reach : Math.min(reach, maxUncertainReach);
  });
  const high = Math.min(maxReach, Math.max(minReach, ...reaches.filter((reach) => reach > 0)) * 1.05);
  const positionOf = (ratio: number): number => Math.log(ratio) / (2 * Math.log(high));
  const ticks = [1];
  for (const ratio of candidateTicks.toSorted((a, b) => Math.abs(Math.log(a)) - Math.abs(Math.log(b)))) {
    const isNear = ticks.some((other) => Math.abs(positionOf(ratio) - positionOf(other)) < minTickGap);
    if (ratio < high && ratio > 1 / high && !isNear) ticks.push(ratio);
  }
  return { low: 1 / high, high, ticks: ticks.sort((a, b) => a - b) };
}
