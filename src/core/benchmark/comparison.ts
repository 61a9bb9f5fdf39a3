/** Puts two reports beside each other: each case by each measure, each operation, and every regression by its type. */
import type { Regression, RegressionSeverity } from '../../protocol/benchmark-state.ts';
import { defined } from '../../protocol/defined.ts';
import * as format from '../format.ts';
import { holm, median } from '../statistics/statistics.ts';
import type { BenchCase, BenchOperation, BenchReport } from './bench-report.ts';
import { type Answer, answer, fewestRuns, pOf, type Question, type Verdict, worstOf } from './judge-change.ts';
import { errorLimit, type Measure, measures, operationLimit, severityOf } from './regression.ts';

export interface Row extends Answer {
  readonly case: string;
  readonly measure: Measure['id'] | 'operation';
  /** Of one operation; absent where it is of the whole process. */
  readonly operation?: Pick<BenchOperation, 'component' | 'name' | 'file' | 'line' | 'source'>;
  /** Medians, in the measure's unit. */
  readonly before: number;
  readonly after: number;
  /** Where it became worse. */
  readonly severity?: RegressionSeverity;
}

export interface Comparison {
  /** Whole processes by each measure first, then operations by the size of the change. */
  readonly rows: readonly Row[];
  /** The worst of the whole processes and of the operations that were measured. */
  readonly verdict: Verdict;
  /** All of them, not the first. */
  readonly regressions: readonly Regression[];
  readonly warnings: readonly string[];
}

export interface CompareOptions {
  /** Makes the intervals the same for the same samples. */
  readonly seed?: number;
  /** For a case's name: twice the spread of A/A comparisons on this machine. */
  readonly floors?: Readonly<Record<string, number>>;
}

type OperationName = Pick<BenchOperation, 'component' | 'name' | 'file' | 'source'>;

interface Asked extends Question, Pick<Row, 'case' | 'measure' | 'operation'> {}

/**
 * Compares the cases and the operations that both reports have, and pauses after each row, so that who has a loop to
 * keep can do it in slices. Corrected by Holm's method among the measures of whole processes, and among the operations:
 * many functions must not drown the one answer that is asked for first.
 */
export function* comparing(
  baseline: BenchReport,
  candidate: BenchReport,
  options: CompareOptions = {},
): Generator<void, Comparison> {
  const pairs = candidate.cases.flatMap((now) => {
    const then = baseline.cases.find((other) => other.name === now.name);
    return then && then.samplesNs.length > 0 && now.samplesNs.length > 0 ? [{ then, now }] : [];
  });
  const whole = yield* rowsOf(
    pairs.flatMap(({ then, now }) => askedOfCase(then, now, options)),
    options,
  );
  const operations = yield* rowsOf(
    pairs.flatMap(({ then, now }) => askedOfOperations(then, now)),
    options,
  );
  const errors = pairs.flatMap(({ then, now }) => errorsOf(then, now));
  const rows = [...whole, ...operations.sort(byChange)];
  return {
    rows,
    verdict: worstOf([
      ...rows.filter(decides).map(({ verdict }) => verdict),
      ...errors.map(() => 'regressed' as const),
    ]),
    regressions: [...rows.filter((row) => row.verdict === 'regressed' && decides(row)).map(regressionOf), ...errors],
    warnings: differences(baseline, candidate),
  };
}

function* rowsOf(asked: readonly Asked[], { seed = 1 }: CompareOptions): Generator<void, Row[]> {
  const ps = holm(asked.map(pOf));
  const rows: Row[] = [];
  for (const [index, { case: name, measure, operation, ...question }] of asked.entries()) {
    const found = answer(question, ps[index] ?? 1, seed);
    const isWorse = found.verdict === 'slower' || found.verdict === 'regressed';
    rows.push({
      case: name,
      measure,
      ...(operation ? { operation } : {}),
      before: median([...question.before]),
      after: median([...question.after]),
      ...found,
      ...(isWorse ? { severity: severityOf(found.ratio - 1) } : {}),
    });
    yield;
  }
  return rows;
}

function askedOfCase(then: BenchCase, now: BenchCase, { floors }: CompareOptions): Asked[] {
  return measures.flatMap(({ id, valuesOf, worse, limit, unit }) => {
    const [before, after] = [valuesOf(then), valuesOf(now)];
    if (!before?.length || !after?.length || median([...before]) === 0) return [];
    const floor = id === 'wall' ? floors?.[now.name] : undefined;
    const measured = floor === undefined ? {} : { measuredFloor: floor };
    return [{ case: now.name, measure: id, before, after, worse, limit, timed: unit === 'ns', ...measured }];
  });
}

function askedOfOperations(then: BenchCase, now: BenchCase): Asked[] {
  return (now.operations ?? []).flatMap((one) => {
    const same = then.operations?.find((other) => isSame(one, other));
    if (!same || median([...same.samplesNs]) === 0) return [];
    const { component, name, file, line, source } = one;
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
        before: same.samplesNs,
        after: one.samplesNs,
        worse: 'more' as const,
        limit: operationLimit,
        timed: true,
      },
    ];
  });
}

/** The samples that a row was made of, on one side. */
export function samplesOf({ case: name, measure, operation }: Row, { cases }: BenchReport): readonly number[] {
  const one = cases.find((other) => other.name === name);
  if (!one) return [];
  if (operation) return one.operations?.find((other) => isSame(operation, other))?.samplesNs ?? [];
  return measures.find(({ id }) => id === measure)?.valuesOf(one) ?? [];
}

/** By name, not by line: what stands above a function may have changed. */
export function isSame(a: OperationName, b: OperationName): boolean {
  return a.component === b.component && a.name === b.name && a.file === b.file && a.source === b.source;
}

/** Some measures, what was sampled, and what cannot be told of a function are shown but decide nothing. */
function decides({ measure, operation, verdict }: Row): boolean {
  if (!operation) return !measures.find(({ id }) => id === measure)?.shown;
  return operation.source === 'measured' && verdict !== 'inconclusive';
}

function byChange(a: Row, b: Row): number {
  return Math.abs(Math.log(b.ratio)) - Math.abs(Math.log(a.ratio));
}

function regressionOf({ case: name, measure, operation, ratio, severity }: Row): Regression {
  const row = measures.find(({ id }) => id === measure);
  const what = operation ? `${operation.component}: ${operation.name}` : (row?.title ?? measure);
  return {
    type: row?.type ?? 'latency_increase',
    severity: severity ?? 'minor',
    case: name,
    message: `${what} ${format.change(ratio - 1)}`,
  };
}

/** Failed calls: where none failed before there is no ratio, and the severity is major (spec S1-11). */
function errorsOf(then: BenchCase, now: BenchCase): Regression[] {
  if (!then.errorRatios?.length || !now.errorRatios?.length) return [];
  if (Math.min(then.errorRatios.length, now.errorRatios.length) < fewestRuns) return [];
  const [before, after] = [median([...then.errorRatios]), median([...now.errorRatios])];
  if (after <= errorLimit * before || after === 0) return [];
  const severity = before === 0 ? 'major' : severityOf(after / before - 1);
  const message = `failed calls ${format.percent(before)} → ${format.percent(after)}`;
  return [{ type: 'error_rate_increase', severity, case: now.name, message }];
}

function differences(baseline: BenchReport, candidate: BenchReport): string[] {
  const warnings: string[] = [];
  const { machine: then } = baseline;
  const { machine: now } = candidate;
  if (then.cpu !== now.cpu || then.cores !== now.cores || then.platform !== now.platform) {
    warnings.push(`The baseline is of another machine (${then.cpu}, ${then.cores} cores): the ratio says little.`);
  }
  if (then.node !== now.node) warnings.push(`The baseline ran on Node ${then.node}, this on ${now.node}.`);
  if (then.governor !== now.governor) warnings.push('The processor’s clock was governed in another way.');
  if (baseline.workspace !== candidate.workspace) warnings.push('The baseline is of another workspace.');
  const gone = baseline.cases.filter((one) => !candidate.cases.some(({ name }) => name === one.name));
  if (gone.length > 0) warnings.push(`Not measured any more: ${gone.map(({ name }) => name).join(', ')}.`);
  return warnings;
}
