/** A benchmark over its runs: what each came to, where the level changed, and whether it declines step by step. */
import type { PastCase, PastPoint, Regression, Verdict } from '../../protocol/benchmark-state.ts';
import { defined } from '../../protocol/defined.ts';
import * as format from '../format.ts';
import { median } from '../statistics/statistics.ts';
import { changePoints, type Trend, trendOf } from '../statistics/trend.ts';
import type { BenchCase, BenchReport } from './bench-report.ts';
import { type Measure, measures, severityOf } from './regression.ts';

/** A report without its samples: a hundred of them are kept and each may have a megabyte. */
export interface PastRun {
  readonly at: string;
  readonly git?: BenchReport['git'];
  readonly verdict?: Verdict;
  readonly cases: readonly PastRunCase[];
}

interface PastRunCase extends Pick<BenchCase, 'name' | 'medianNs' | 'lowNs' | 'highNs'> {
  readonly n: number;
  /** By measure: the median of its values. */
  readonly medians: { readonly [id in Measure['id']]?: number };
}

export function pastRun({ at, git, cases }: BenchReport, verdict?: Verdict): PastRun {
  return {
    at,
    ...defined({ git }),
    ...(verdict ? { verdict } : {}),
    cases: cases.map((one) => ({
      name: one.name,
      medianNs: one.medianNs,
      lowNs: one.lowNs,
      highNs: one.highNs,
      n: one.samplesNs.length,
      medians: Object.fromEntries(
        measures.flatMap(({ id, valuesOf }) => {
          const values = valuesOf(one);
          return values?.length ? [[id, median([...values])]] : [];
        }),
      ),
    })),
  };
}

/** Runs that have no such case are passed over; the oldest first. */
function casesOf(runs: readonly PastRun[], name: string): { readonly run: PastRun; readonly one: PastRunCase }[] {
  return runs.flatMap((run) => {
    const one = run.cases.find((other) => other.name === name);
    return one ? [{ run, one }] : [];
  });
}

function namesOf(runs: readonly PastRun[]): readonly string[] {
  return [...new Set(runs.flatMap(({ cases }) => cases.map(({ name }) => name)))];
}

/** The wall time of each case; the oldest run first. */
export function pastCases(runs: readonly PastRun[]): readonly PastCase[] {
  return namesOf(runs).map((name) => {
    const own = casesOf(runs, name);
    const values = own.map(({ one }) => one.medianNs);
    const steps = stepsOf(values);
    const points = own.map(({ run, one }, at) => pointOf(run, one, steps.get(at)));
    return { name, unit: 'ns', points, sentence: sentenceOf(points, trendOf(values, 'more')) };
  });
}

function pointOf({ at, git, verdict }: PastRun, one: PastRunCase, step: number | undefined): PastPoint {
  return {
    at,
    ...(git ? { commit: git.commit.slice(0, 9) } : {}),
    ...(git?.branch === undefined ? {} : { branch: git.branch }),
    dirty: git?.dirty ?? false,
    median: one.medianNs,
    low: one.lowNs,
    high: one.highNs,
    n: one.n,
    ...(verdict ? { verdict } : {}),
    ...defined({ step }),
  };
}

/** By the place of the first value of a new level: the change from the level before. */
function stepsOf(values: readonly number[]): ReadonlyMap<number, number> {
  const places = changePoints(values);
  return new Map(
    places.map((at, index) => {
      const before = values.slice(places[index - 1] ?? 0, at);
      const after = values.slice(at, places[index + 1]);
      return [at, median(after) / median(before) - 1];
    }),
  );
}

/** Runs from which on a new level can be found: five on each side. */
const leastForSteps = 10;

function sentenceOf(points: readonly PastPoint[], trend: Trend | undefined): string {
  const steps = points.filter(({ step }) => step !== undefined);
  const told = steps.map(({ step, commit, at }) => `${format.change(step)} at ${commit ?? at.slice(0, 10)}`);
  const levels =
    points.length < leastForSteps
      ? `A new level can be told from ${leastForSteps} runs on; there ${points.length === 1 ? 'is' : 'are'} ${points.length}.`
      : told.length > 0
        ? `The level changed ${told.length === 1 ? 'once' : `${told.length} times`}: ${told.join(', ')}.`
        : 'The level did not change.';
  if (!trend?.declining) return levels;
  return `It becomes slower step by step: ${format.change(trend.change)} over the last ${trend.n} runs (p = ${trend.p.toFixed(3)}). ${levels}`;
}

/** Every measure of every case that declines (spec S1-14); the newest run stands last. */
export function declinesOf(runs: readonly PastRun[]): readonly Regression[] {
  return namesOf(runs).flatMap((name) =>
    measures.flatMap(({ id, title, worse, shown }) => {
      const values = casesOf(runs, name).flatMap(({ one }) => one.medians[id] ?? []);
      const trend = shown ? undefined : trendOf(values, worse);
      if (!trend?.declining) return [];
      const change = format.change(worse === 'more' ? trend.change : -trend.change);
      const message = `${title} ${change} step by step over the last ${trend.n} runs`;
      return [{ type: 'trend_decline' as const, severity: severityOf(trend.change), case: name, message }];
    }),
  );
}
