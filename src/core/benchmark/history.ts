/** History of a benchmark: the result of each run, the points where the level changed, and gradual declines. */

import { defined } from '../../protocol/defined.ts';
import type { ChangeVerdict, HistoryCase, HistoryPoint, Regression } from '../../protocol/panel/benchmark-state.ts';
import * as format from '../format.ts';
import { median, minIntervalSamples } from '../statistics/statistics.ts';
import { detectTrend, findChangePoints, type Trend } from '../statistics/trend.ts';
import type { BenchCase, BenchReport } from './bench-report.ts';
import { type Measure, measures, severityOf } from './regression.ts';

/** A report without raw samples. Up to 100 are kept per benchmark, and a full report can be 1 MB. */
export interface HistoryRun {
  readonly at: string;
  readonly git?: BenchReport['git'];
  readonly verdict?: ChangeVerdict;
  readonly cases: readonly HistoryRunCase[];
}

interface HistoryRunCase extends Pick<BenchCase, 'name' | 'medianNs' | 'lowNs' | 'highNs'> {
  readonly n: number;
  /** Median of the values of each measure. */
  readonly medians: { readonly [id in Measure['id']]?: number };
}

export function toHistoryRun({ at, git, cases }: BenchReport, verdict?: ChangeVerdict): HistoryRun {
  return {
    at,
    ...defined({ git }),
    ...(verdict ? { verdict } : {}),
    cases: cases.map((benchCase) => ({
      name: benchCase.name,
      medianNs: benchCase.medianNs,
      ...intervalOf(benchCase),
      n: benchCase.samplesNs.length,
      medians: Object.fromEntries(
        measures.flatMap(({ id, valuesOf }) => {
          const values = valuesOf(benchCase);
          return values?.length ? [[id, median([...values])]] : [];
        }),
      ),
    })),
  };
}

/** Returns no interval for too few runs. Earlier versions stored one, which consists of the lowest and the highest value. */
function intervalOf({ samplesNs, lowNs, highNs }: BenchCase): Pick<BenchCase, 'lowNs' | 'highNs'> {
  return samplesNs.length < minIntervalSamples ? {} : defined({ lowNs, highNs });
}

/** Returns the runs that have a case with this name, with the case. */
function findCases(
  runs: readonly HistoryRun[],
  name: string,
): { readonly run: HistoryRun; readonly runCase: HistoryRunCase }[] {
  return runs.flatMap((run) => {
    const runCase = run.cases.find((candidate) => candidate.name === name);
    return runCase ? [{ run, runCase }] : [];
  });
}

function caseNames(runs: readonly HistoryRun[]): readonly string[] {
  return [...new Set(runs.flatMap(({ cases }) => cases.map(({ name }) => name)))];
}

/** Returns the wall times of each case. The oldest run comes first. */
export function historyCases(runs: readonly HistoryRun[]): readonly HistoryCase[] {
  return caseNames(runs).map((name) => {
    const entries = findCases(runs, name);
    const values = entries.map(({ runCase }) => runCase.medianNs);
    const steps = findSteps(values);
    const points = entries.map(({ run, runCase }, index) => buildPoint(run, runCase, steps.get(index)));
    return { name, unit: 'ns', points, sentence: describeHistory(points, detectTrend(values, 'more')) };
  });
}

function buildPoint({ at, git, verdict }: HistoryRun, runCase: HistoryRunCase, step: number | undefined): HistoryPoint {
  return {
    at,
    ...(git ? { commit: git.commit.slice(0, 9) } : {}),
    ...(git?.branch === undefined ? {} : { branch: git.branch }),
    dirty: git?.dirty ?? false,
    median: runCase.medianNs,
    n: runCase.n,
    ...defined({ low: runCase.lowNs, high: runCase.highNs, verdict, step }),
  };
}

/** Returns the relative change of each new level from the previous one, by the index of the first value of the level. */
function findSteps(values: readonly number[]): ReadonlyMap<number, number> {
  const starts = findChangePoints(values);
  return new Map(
    starts.map((start, index) => {
      const before = values.slice(starts[index - 1] ?? 0, start);
      const after = values.slice(start, starts[index + 1]);
      return [start, median(after) / median(before) - 1];
    }),
  );
}

/** Minimum number of runs for detecting a new level: five on each side. */
const minRunsForLevels = 10;

function describeHistory(points: readonly HistoryPoint[], trend: Trend | undefined): string {
  const steps = points.filter(({ step }) => step !== undefined);
  const changes = steps.map(({ step, commit, at }) => `${format.change(step)} at ${commit ?? at.slice(0, 10)}`);
  const levels =
    points.length < minRunsForLevels
      ? `Detecting a new level needs ${minRunsForLevels} runs; there ${points.length === 1 ? 'is' : 'are'} ${points.length}.`
      : changes.length > 0
        ? `The level changed ${changes.length === 1 ? 'once' : `${changes.length} times`}: ${changes.join(', ')}.`
        : 'The level did not change.';
  if (!trend?.declining) return levels;
  return `Gradual slowdown: ${format.change(trend.change)} over the last ${trend.n} runs (p = ${trend.p.toFixed(3)}). ${levels}`;
}

/** Finds every measure of every case that gradually declines. The newest run comes last. */
export function findDeclines(runs: readonly HistoryRun[]): readonly Regression[] {
  return caseNames(runs).flatMap((name) =>
    measures.flatMap(({ id, title, worse, informational }) => {
      const values = findCases(runs, name).flatMap(({ runCase }) => runCase.medians[id] ?? []);
      const trend = informational ? undefined : detectTrend(values, worse);
      if (!trend?.declining) return [];
      const change = format.change(worse === 'more' ? trend.change : -trend.change);
      const message = `${title} ${change} gradually over the last ${trend.n} runs`;
      return [{ type: 'trend_decline' as const, severity: severityOf(trend.change), case: name, message }];
    }),
  );
}
