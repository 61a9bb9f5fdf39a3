/** Compares two reports: every measure of every case, every operation, and all regressions by type. */

import { defined } from '../../protocol/defined.ts';
import type { ChangeVerdict, Judgement, Regression, RegressionSeverity } from '../../protocol/panel/benchmark-state.ts';
import * as format from '../format.ts';
import { holm, median } from '../statistics/statistics.ts';
import type { BenchCase, BenchOperation, BenchReport } from './bench-report.ts';
import { judgeChange, minRuns, pValueOf, type Samples, worstVerdict } from './judge-change.ts';
import { describeMachineDifference } from './machine-fingerprint.ts';
import { type Measure, maxErrorRatioIncrease, maxOperationRatio, measures, severityOf } from './regression.ts';
import { describeFailures } from './run-warnings.ts';

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
  /** Reason why the two reports cannot show a change. Every verdict is then inconclusive, and no regression is reported. */
  readonly incomparable?: string;
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

interface CasePair {
  readonly then: BenchCase;
  readonly now: BenchCase;
}

interface OperationPair {
  readonly previous: BenchOperation;
  readonly current: BenchOperation;
}

/**
 * Compares the cases and operations that both reports have. Yields after each row, so that the caller can keep an event
 * loop responsive. Holm's correction covers all rows together, because any of them can decide the overall verdict.
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
  const incomparable = findIncomparability(baseline, candidate);
  const inputs = [
    ...pairs.flatMap((pair) => caseInputs(pair, options)),
    ...pairs.flatMap((pair) => operationInputs(pair)),
  ];
  const judged = yield* judgeRows(inputs, options);
  const rows = judged.map((row) => (incomparable === undefined ? row : withoutVerdict(row, incomparable)));
  const errors = incomparable === undefined ? pairs.flatMap(errorRegressions) : [];
  return {
    rows: [...rows.filter(({ operation }) => !operation), ...rows.filter(({ operation }) => operation).sort(byChange)],
    ...summarizeVerdicts(rows, errors),
    ...defined({ incomparable }),
    warnings: [...(incomparable === undefined ? [] : [incomparable]), ...environmentWarnings(baseline, candidate)],
  };
}

/** Returns the overall verdict and the regressions of judged rows and of failed calls, followed by further regressions. */
export function summarizeVerdicts(
  rows: readonly ComparisonRow[],
  errors: readonly Regression[],
  others: readonly Regression[] = [],
): Pick<Comparison, 'verdict' | 'regressions'> {
  const counted = rows.filter(countsForVerdict);
  const regressed = counted.filter(({ verdict }) => verdict === 'regressed').map(toRegression);
  return {
    verdict: worstVerdict([...counted.map(({ verdict }) => verdict), ...errors.map(() => 'regressed' as const)]),
    regressions: [...regressed, ...errors, ...others],
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

function withoutVerdict({ severity: _, ...row }: ComparisonRow, reason: string): ComparisonRow {
  return { ...row, verdict: 'inconclusive', reason };
}

function caseInputs({ then, now }: CasePair, { floors }: CompareOptions): ComparisonInput[] {
  return measures.flatMap(({ id, valuesOf, worse, limit, unit }) => {
    const [before, after] = [valuesOf(then), valuesOf(now)];
    if (!before?.length || !after?.length || median([...before]) === 0) return [];
    const measuredFloor = id === 'wall' ? floors?.[now.name] : undefined;
    const timed = unit === 'ns';
    return [{ case: now.name, measure: id, before, after, worse, limit, timed, ...defined({ measuredFloor }) }];
  });
}

function operationInputs(pair: CasePair): ComparisonInput[] {
  return pairOperations(pair).flatMap(({ previous, current }) => {
    if (median([...previous.samplesNs]) === 0) return [];
    const { component, name, file, line, source } = current;
    return [
      {
        case: pair.now.name,
        measure: 'operation' as const,
        operation: { component, name, source, ...defined({ file, line }) },
        before: previous.samplesNs,
        after: current.samplesNs,
        worse: 'more' as const,
        limit: maxOperationRatio,
        timed: true,
      },
    ];
  });
}

/**
 * Pairs the operations that both cases have. Lines are ignored, because code above a function may have changed. If several
 * functions of a file have the same name, they are paired in their order.
 */
function pairOperations({ then, now }: CasePair): readonly OperationPair[] {
  const previousByKey = Map.groupBy(inOrder(then.operations), identityOf);
  return inOrder(now.operations).flatMap((current) => {
    const previous = previousByKey.get(identityOf(current))?.shift();
    return previous ? [{ previous, current }] : [];
  });
}

function inOrder(operations: readonly BenchOperation[] = []): readonly BenchOperation[] {
  return operations.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

function identityOf({ component, name, file, source }: OperationIdentity): string {
  return [component, name, file, source].join('\0');
}

/** Returns the samples behind a row of the comparison of two reports. */
export function samplesOf(
  { case: name, measure, operation }: ComparisonRow,
  { baseline, candidate }: { readonly baseline: BenchReport; readonly candidate: BenchReport },
): Record<'before' | 'after', readonly number[]> {
  const then = baseline.cases.find((benchCase) => benchCase.name === name);
  const now = candidate.cases.find((benchCase) => benchCase.name === name);
  if (!then || !now) return { before: [], after: [] };
  if (!operation) {
    const definition = measures.find(({ id }) => id === measure);
    return { before: definition?.valuesOf(then) ?? [], after: definition?.valuesOf(now) ?? [] };
  }
  const pair = pairOperations({ then, now }).find(({ current }) => isSameOperation(current, operation));
  return { before: pair?.previous.samplesNs ?? [], after: pair?.current.samplesNs ?? [] };
}

/** Compares two operations of the same report. */
export function isSameOperation(
  a: NonNullable<ComparisonRow['operation']>,
  b: NonNullable<ComparisonRow['operation']>,
): boolean {
  return identityOf(a) === identityOf(b) && a.line === b.line;
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
function errorRegressions({ then, now }: CasePair): Regression[] {
  if (!then.errorRatios?.length || !now.errorRatios?.length) return [];
  if (Math.min(then.errorRatios.length, now.errorRatios.length) < minRuns) return [];
  const [before, after] = [median([...then.errorRatios]), median([...now.errorRatios])];
  if (after <= maxErrorRatioIncrease * before || after === 0) return [];
  const severity = before === 0 ? 'major' : severityOf(after / before - 1);
  const message = `failed calls ${format.percent(before)} → ${format.percent(after)}`;
  return [{ type: 'error_rate_increase', severity, case: now.name, message }];
}

/** Returns the reason why differences between two reports need not come from the program. */
function findIncomparability(baseline: BenchReport, candidate: BenchReport): string | undefined {
  const difference = describeMachineDifference(baseline.machine, candidate.machine);
  if (difference !== undefined) return `The baseline is not comparable: ${difference}.`;
  if (baseline.method === candidate.method) return undefined;
  return 'The baseline is not comparable: an earlier version of Pipescope measured it with the probe. Save it again.';
}

function environmentWarnings(baseline: BenchReport, candidate: BenchReport): string[] {
  const warnings: string[] = [];
  const { platform: then } = baseline.machine;
  const { platform: now } = candidate.machine;
  if (then !== now) warnings.push(`The baseline ran on ${then}, the candidate on ${now}.`);
  if (baseline.workspace !== candidate.workspace) warnings.push('The baseline comes from another workspace.');
  const missing = baseline.cases.filter(({ name }) => !candidate.cases.some((other) => other.name === name));
  if (missing.length > 0) warnings.push(`No longer measured: ${missing.map(({ name }) => name).join(', ')}.`);
  for (const now of candidate.cases) {
    const then = baseline.cases.find(({ name }) => name === now.name);
    const [before, after] = [describeFailures(then?.exitCodes ?? []), describeFailures(now.exitCodes ?? [])];
    if (then && before !== after) {
      warnings.push(`${now.name}: baseline: ${before ?? 'no run failed.'} Now: ${after ?? 'no run failed.'}`);
    }
  }
  return warnings;
}
