/** What the checks come to: a score for each category, one for all, and the verdict with its reasons (spec S0-20 to 23). */

import { defined } from '../../../protocol/defined.ts';
import type { CategoryResult, CheckResult, SkipReason, Validation } from '../../../protocol/validation.ts';
import { categories as builtIn } from '../check/categories.ts';

export interface Weighing {
  /** By category, instead of those of the table. */
  readonly weights: Readonly<Record<string, number>>;
  readonly renormalize: boolean;
}

type Counts = Pick<CategoryResult, 'passed' | 'failed' | 'warned' | 'skipped'>;

/** Points that warnings can cost a category: two each, twenty at most. */
const warningPoints = 2;
const mostWarningPoints = 20;

/** 0 to 100; nothing where no check was evaluated. */
export function categoryScore({ passed, failed, warned }: Counts): number | undefined {
  if (passed + failed + warned === 0) return undefined;
  const base = passed + failed === 0 ? 100 : (passed / (passed + failed)) * 100;
  return Math.max(0, base - Math.min(mostWarningPoints, warningPoints * warned));
}

export type Score = Pick<Validation, 'score' | 'categories' | 'evaluated' | 'categoriesTotal' | 'renormalized'>;

/** Categories of the table in its order, then a user's own; one without a check is not listed, but counts in the total. */
export function scoreOf(results: readonly CheckResult[], { weights, renormalize }: Weighing): Score {
  const rows = rowsOf(results, weights);
  const listed = rows.map((row) => categoryOf(row, results));
  const weighty = listed.filter(({ weight }) => weight > 0);
  const counted = weighty.filter(({ score }) => score !== undefined);
  const sum = counted.reduce((total, { weight }) => total + weight, 0);
  const whole = renormalize ? sum : 1;
  const points = counted.reduce((total, { score = 0, weight }) => total + score * weight, 0);
  return {
    score: whole === 0 ? 0 : Math.round(Math.min(100, Math.max(0, points / whole))),
    categories: listed.filter(({ passed, failed, warned, skipped }) => passed + failed + warned + skipped > 0),
    evaluated: counted.length,
    categoriesTotal: weighty.length,
    renormalized: renormalize,
  };
}

type Row = Pick<CategoryResult, 'id' | 'letter' | 'title' | 'weight'>;

function rowsOf(results: readonly CheckResult[], weights: Weighing['weights']): Row[] {
  const known = builtIn.map((row) => ({ ...row, weight: weights[row.id] ?? row.weight }));
  const named = new Set([...results.map(({ category }) => category), ...Object.keys(weights)]);
  const own = [...named].filter((id) => !builtIn.some((row) => row.id === id));
  return [...known, ...own.map((id) => ({ id, title: id, weight: weights[id] ?? 0 }))];
}

function categoryOf(row: Row, results: readonly CheckResult[]): CategoryResult {
  const own = results.filter(({ category }) => category === row.id);
  const of = (status: CheckResult['status']): number => own.filter((result) => result.status === status).length;
  const counts = { passed: of('pass'), failed: of('fail'), warned: of('warn'), skipped: of('skip') };
  const score = categoryScore(counts);
  return {
    ...row,
    ...defined({ score }),
    ...counts,
    durationNs: own.reduce((sum, { durationNs }) => sum + durationNs, 0),
  };
}

/** Why a fatal check that was skipped leaves open whether all is well; the other reasons say that there is no question. */
const open: Partial<Record<SkipReason, string>> = {
  budget: 'there was no time for it',
  tool_missing: 'a tool is missing',
  crashed: 'it crashed',
  dependency_failed: 'one that it needs failed',
};

export type Limits = Pick<Validation, 'minScore' | 'maxWarnings'>;
export type Verdict = Pick<Validation, 'verdict' | 'runVerdict' | 'reasons'>;

export function verdictOf(results: readonly CheckResult[], score: Score, limits: Limits): Verdict {
  const fatal = results.filter(({ severity }) => severity === 'fatal');
  const failed = fatal.filter(({ status }) => status === 'fail').map(({ id, message }) => `${id} failed: ${message}`);
  const unknown = fatal.flatMap(({ id, skipReason, message }) => {
    // What needs a check that failed says nothing that is not said already.
    const why = failed.length > 0 && skipReason === 'dependency_failed' ? undefined : skipReason && open[skipReason];
    return why ? [`${id} could not be made, ${why}: ${message}`] : [];
  });
  if (score.evaluated === 0) unknown.push('No check of a category that has weight could be made.');
  const short = shortcomings(results, score, limits);
  const reasons = [...failed, ...unknown, ...short];
  if (failed.length > 0) return { verdict: 'not_ready', runVerdict: 'fail', reasons };
  if (unknown.length > 0) return { verdict: 'incomplete', runVerdict: 'incomplete', reasons };
  if (short.length > 0) return { verdict: 'not_ready', runVerdict: 'partial_pass', reasons };
  return { verdict: 'ready', runVerdict: 'pass', reasons };
}

function shortcomings(results: readonly CheckResult[], { score, evaluated }: Score, limits: Limits): string[] {
  const warned = results.filter(({ status }) => status === 'warn').length;
  return [
    ...(evaluated > 0 && score < limits.minScore
      ? [`The score is ${score}, and ${limits.minScore} is the least that this profile takes.`]
      : []),
    ...(warned > limits.maxWarnings
      ? [`${warned} checks warn, and this profile takes ${limits.maxWarnings} at most.`]
      : []),
  ];
}
