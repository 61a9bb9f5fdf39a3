/** Compares two reports: every measure of every case, every operation, and all regressions by type. */

import { defined } from '../../protocol/defined.ts';
import type { ChangeVerdict, Judgement, Regression, RegressionSeverity } from '../../protocol/panel/benchmark-state.ts';
import * as format from '../format.ts';
import { holm, median } from '../statistics/statistics.ts';
import type { BenchCase, BenchOperation, BenchReport } from './bench-report.ts';
import { judgeChange, minRuns, pValueOf, type Samples, worstVerdict } from './judge-change.ts';
import { type Measure, maxErrorRatioIncrease, maxOperationRatio, measures, severityOf } from './regression.ts';

export interface ComparisonRow extends Judgement {
  readonly case: string;
  readonly measure: Measure['id'] | 'operation';
  /** The operation that the row describes; absent if it describes the whole process. */
  readonly operation?: Pick<BenchOperation, 'component' | 'name' | 'file' | 'line' | 'source'>;
  /** Medians, in the measure's unit. */
  readonly before: number;
  readonly after: number;
  /** Present if it became worse. */
  readonly severity?: RegressionSeverity;
}

export interface Comparison {
  /** Measures of whole processes first, then operations, sorted by the size of the change. */
  readonly rows: readonly ComparisonRow[];
  /** The worst verdict of the whole processes and of the measured operations. */
  readonly verdict: ChangeVerdict;
  readonly regressions: readonly Regression[];
  readonly warnings: readonly string[];
}

export interface CompareOptions {
  /** Seed of the bootstrap; the same seed and samples yield the same intervals. */
  readonly seed?: number;
  /** Twice the spread of A/A comparisons on this machine, by the name of the case. */
  readonly floors?: Readonly<Record<string, number>>;
}

type OperationIdentity = Pick<BenchOperation, 'component' | 'name' | 'file' | 'source'>;

interface ComparisonInput extends Samples, Pick<ComparisonRow, 'case' | 'measure' | 'operation'> {}

/**
 * Compares the cases and operations that both reports have. Yields after each row, so that the caller can keep an event
 * loop responsive. Holm's correction is applied separately to the measures of whole processes and to the operations:
 * otherwise, many operations could hide a change of the whole process.
 */
export function* compareReports(
  baseline: BenchReport,
  candidate: BenchReport,
  options: CompareOptions = {},
): Generator<void, Comparison> {
  const pairs = candidate.cases.flatMap((now) => {
    const then = baseline.cases.find(({ name }) => name === now.name);
    return then && then.samplesNs.length > 0 && now.samplesNs.length > 0 ? [{ then, now }] : [];
  });
  const whole = yield* judgeRows(
    pairs.flatMap(({ then, now }) => caseInputs(then, now, options)),
    options,
  );
  const operations = yield* judgeRows(
    pairs.flatMap(({ then, now }) => operationInputs(then, now)),
    options,
  );
  const errors = pairs.flatMap(({ then, now }) => errorRegressions(then, now));
  const rows = [...whole, ...operations.sort(byChange)];
  return {
    rows,
    verdict: worstVerdict([
      ...rows.filter(countsForVerdict).map(({ verdict }) => verdict),
      ...errors.map(() => 'regressed' as const),
    ]),
    regressions: [
      ...rows.filter((row) => row.verdict === 'regressed' && countsForVerdict(row)).map(toRegression),
      ...errors,
    ],
    warnings: environmentWarnings(baseline, candidate),
  };
}

function* judgeRows(
  inputs: readonly ComparisonInput[],
  { seed = 1 }: CompareOptions,
): Generator<void, ComparisonRow[]> {
  const ps = holm(inputs.map(pValueOf));
  const rows: ComparisonRow[] = [];
  for (const [index, { case: name, measure, operation, ...samples }] of inputs.entries()) {
    const judgement = judgeChange(samples, ps[index] ?? 1, seed);
    const isWorse = judgement.verdict === 'slower' || judgement.verdict === 'regressed';
    rows.push({
      case: name,
      measure,
      ...defined({ operation }),
      before: median([...samples.before]),
      after: median([...samples.after]),
      ...judgement,
      ...(isWorse ? { severity: severityOf(judgement.ratio - 1) } : {}),
    });
    yield;
  }
  return rows;
}

function caseInputs(then: BenchCase, now: BenchCase, { floors }: CompareOptions): ComparisonInput[] {
  return measures.flatMap(({ id, valuesOf, worse, limit, unit }) => {
    const [before, after] = [valuesOf(then), valuesOf(now)];
    if (!before?.length || !after?.length || median([...before]) === 0) return [];
    const measuredFloor = id === 'wall' ? floors?.[now.name] : undefined;
    const timed = unit === 'ns';
    return [{ case: now.name, measure: id, before, after, worse, limit, timed, ...defined({ measuredFloor }) }];
  });
}

function operationInputs(then: BenchCase, now: BenchCase): ComparisonInput[] {
  return (now.operations ?? []).flatMap((current) => {
    const previous = then.operations?.find((candidate) => isSameOperation(current, candidate));
    if (!previous || median([...previous.samplesNs]) === 0) return [];
    const { component, name, file, line, source } = current;
    const operation = {
      component,
      name,
      source,
      ...defined({ file, line }),
    };
    return [
      {
        case: now.name,
        measure: 'operation' as const,
        operation,
        before: previous.samplesNs,
        after: current.samplesNs,
        worse: 'more' as const,
        limit: maxOperationRatio,
        timed: true,
      },
    ];
  });
}

/** Returns the samples of a row in one of the two reports. */
export function samplesOf(
  { case: name, measure, operation }: ComparisonRow,
  { cases }: BenchReport,
): readonly number[] {
  const benchCase = cases.find((candidate) => candidate.name === name);
  if (!benchCase) return [];
  if (operation) return benchCase.operations?.find((other) => isSameOperation(operation, other))?.samplesNs ?? [];
  return measures.find(({ id }) => id === measure)?.valuesOf(benchCase) ?? [];
}

/** Compares operations without their lines, because code above a function may have changed. */
export function isSameOperation(a: OperationIdentity, b: OperationIdentity): boolean {
  return a.component === b.component && a.name === b.name && a.file === b.file && a.source === b.source;
}

/** Returns false for informational measures, sampled operations and inconclusive operations. */
function countsForVerdict({ measure, operation, verdict }: ComparisonRow): boolean {
  if (!operation) return !measures.find(({ id }) => id === measure)?.informational;
  return operation.source === 'measured' && verdict !== 'inconclusive';
}

function byChange(a: ComparisonRow, b: ComparisonRow): number {
  return Math.abs(Math.log(b.ratio)) - Math.abs(Math.log(a.ratio));
}

function toRegression({ case: name, measure, operation, ratio, severity }: ComparisonRow): Regression {
  const definition = measures.find(({ id }) => id === measure);
  const subject = operation ? `${operation.component}: ${operation.name}` : (definition?.title ?? measure);
  return {
    type: definition?.type ?? 'latency_increase',
    severity: severity ?? 'minor',
    case: name,
    message: `${subject} ${format.change(ratio - 1)}`,
  };
}

/** Returns a regression if more calls failed. If no calls failed before, there is no ratio, and the severity is major. */
function errorRegressions(then: BenchCase, now: BenchCase): Regression[] {
  if (!then.errorRatios?.length || !now.errorRatios?.length) return [];
  if (Math.min(then.errorRatios.length, now.errorRatios.length) < minRuns) return [];
  const [before, after] = [median([...then.errorRatios]), median([...now.errorRatios])];
  if (after <= maxErrorRatioIncrease * before || after === 0) return [];
  const severity = before === 0 ? 'major' : severityOf(after / before - 1);
  const message = `failed calls ${format.percent(before)} → ${format.percent(after)}`;
  return [{ type: 'error_rate_increase', severity, case: now.name, message }];
}

function environmentWarnings(baseline: BenchReport, candidate: BenchReport): string[] {
  const warnings: string[] = [];
  const { machine: then } = baseline;
  const { machine: now } = candidate;
  if (then.cpu !== now.cpu || then.cores !== now.cores || then.platform !== now.platform) {
    const machine = `${then.cpu}, ${then.cores} cores`;
    warnings.push(`The baseline comes from another machine (${machine}), so the ratios are not reliable.`);
  }
  if (then.node !== now.node) warnings.push(`The baseline ran on Node ${then.node}, the candidate on ${now.node}.`);
  if (then.governor !== now.governor) warnings.push('The CPU frequency governor has changed.');
  if (baseline.workspace !== candidate.workspace) warnings.push('The baseline comes from another workspace.');
  const missing = baseline.cases.filter(({ name }) => !candidate.cases.some((other) => other.name === name));
  if (missing.length > 0) warnings.push(`No longer measured: ${missing.map(({ name }) => name).join(', ')}.`);
  return warnings;
}
