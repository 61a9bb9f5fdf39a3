/** Scores of the categories and of the whole validation, and the verdict with its reasons. */
import { defined } from '../../../protocol/defined.ts';
import { plural } from '../../../protocol/plural.ts';
import type { CategoryResult, CheckResult, SkipReason, Validation } from '../../../protocol/validation/validation.ts';
import { categories as builtIn } from '../check/categories.ts';

export interface ScoreWeights {
  /** Weights by category, which override the built-in ones. */
  readonly weights: Readonly<Record<string, number>>;
  /** Divide by the sum of the weights of evaluated categories. */
  readonly renormalize: boolean;
}

type Counts = Pick<CategoryResult, 'passed' | 'failed' | 'warned' | 'skipped'>;

const maxScore = 100;
/** Skip reasons by which a check says that the workspace has nothing to judge. */
const doesNotApply: ReadonlySet<SkipReason> = new Set<SkipReason>(['not_applicable', 'no_git']);
/** Points that each warning costs its category, and the maximum for all its warnings. */
const warningPoints = 2;
const maxWarningPoints = 20;

/** Returns 0 to 100, or undefined if no check was evaluated. */
export function categoryScore({ passed, failed, warned }: Counts): number | undefined {
  if (passed + failed + warned === 0) return undefined;
  const base = passed + failed === 0 ? 100 : (passed / (passed + failed)) * 100;
  return Math.max(0, base - Math.min(maxWarningPoints, warningPoints * warned));
}

type ScoreSummary = Pick<Validation, 'score' | 'categories' | 'evaluated' | 'categoriesTotal' | 'renormalized'>;

/**
 * Computes all scores. Categories without a check are not listed, but those with weight count in the total. Without
 * renormalization, a category that was not evaluated costs its whole weight, unless all its checks found that they do not
 * apply to the workspace: then there is nothing to judge, and a perfect workspace still reaches 100.
 */
export function computeScore(results: readonly CheckResult[], { weights, renormalize }: ScoreWeights): ScoreSummary {
  const all = categoryRows(results, weights).map((row) => summarize(row, results));
  const weighted = all.filter(({ weight }) => weight > 0);
  const evaluated = weighted.filter(({ score }) => score !== undefined);
  const weightSum = renormalize ? evaluated.reduce((total, { weight }) => total + weight, 0) : 1;
  const granted = renormalize ? [] : weighted.filter(({ notApplicable }) => notApplicable);
  const points =
    evaluated.reduce((total, { score = 0, weight }) => total + score * weight, 0) +
    granted.reduce((total, { weight }) => total + maxScore * weight, 0);
  return {
    score: weightSum === 0 ? 0 : Math.round(Math.min(100, Math.max(0, points / weightSum))),
    categories: all.filter(({ passed, failed, warned, skipped }) => passed + failed + warned + skipped > 0),
    evaluated: evaluated.length,
    categoriesTotal: weighted.length,
    renormalized: renormalize,
  };
}

type CategoryRow = Pick<CategoryResult, 'id' | 'letter' | 'title' | 'weight'>;

/** Returns the built-in categories in table order, followed by the custom ones. */
function categoryRows(results: readonly CheckResult[], weights: ScoreWeights['weights']): CategoryRow[] {
  const builtInRows = builtIn.map((row) => ({ ...row, weight: weights[row.id] ?? row.weight }));
  const ids = new Set([...results.map(({ category }) => category), ...Object.keys(weights)]);
  const customIds = [...ids].filter((id) => !builtIn.some((row) => row.id === id));
  return [...builtInRows, ...customIds.map((id) => ({ id, title: id, weight: weights[id] ?? 0 }))];
}

function summarize(row: CategoryRow, allResults: readonly CheckResult[]): CategoryResult {
  const results = allResults.filter(({ category }) => category === row.id);
  const countOf = (status: CheckResult['status']): number =>
    results.filter((result) => result.status === status).length;
  const counts = {
    passed: countOf('pass'),
    failed: countOf('fail'),
    warned: countOf('warn'),
    skipped: countOf('skip'),
  };
  const notApplicable =
    results.length > 0 && results.every(({ skipReason }) => skipReason && doesNotApply.has(skipReason));
  return {
    ...row,
    ...defined({ score: categoryScore(counts), notApplicable: notApplicable || undefined }),
    ...counts,
    durationNs: results.reduce((sum, { durationNs }) => sum + durationNs, 0),
  };
}

/** Skip reasons that make the verdict incomplete if the check is fatal. With other reasons the check does not apply. */
const incompleteReasons: Partial<Record<SkipReason, string>> = {
  budget: 'not enough time',
  timeout: 'it timed out',
  tool_missing: 'a tool is missing',
  crashed: 'it crashed',
  dependency_failed: 'a check it depends on failed',
};

type VerdictLimits = Pick<Validation, 'minScore' | 'maxWarnings'>;
type VerdictWithReasons = Pick<Validation, 'verdict' | 'runVerdict' | 'reasons'>;

export function decideVerdict(
  results: readonly CheckResult[],
  score: ScoreSummary,
  limits: VerdictLimits,
): VerdictWithReasons {
  const fatal = results.filter(({ severity }) => severity === 'fatal');
  const failed = fatal.filter(({ status }) => status === 'fail').map(({ id, message }) => `${id} failed: ${message}`);
  const unknown = fatal.flatMap(({ id, skipReason, message }) => {
    // The failed dependency is already among the reasons.
    if (failed.length > 0 && skipReason === 'dependency_failed') return [];
    const reason = skipReason && incompleteReasons[skipReason];
    return reason ? [`${id} did not run (${reason}): ${message}`] : [];
  });
  if (score.evaluated === 0) unknown.push('No check in a weighted category was evaluated.');
  const unmet = unmetLimits(results, score, limits);
  const reasons = [...failed, ...unknown, ...unmet];
  if (failed.length > 0) return { verdict: 'not_ready', runVerdict: 'fail', reasons };
  if (unknown.length > 0) return { verdict: 'incomplete', runVerdict: 'incomplete', reasons };
  if (unmet.length > 0) return { verdict: 'not_ready', runVerdict: 'partial_pass', reasons };
  return { verdict: 'ready', runVerdict: 'pass', reasons };
}

function unmetLimits(
  results: readonly CheckResult[],
  { score, evaluated }: ScoreSummary,
  { minScore, maxWarnings }: VerdictLimits,
): string[] {
  const warned = results.filter(({ status }) => status === 'warn').length;
  return [
    ...(evaluated > 0 && score < minScore ? [`The score is ${score}; the profile requires at least ${minScore}.`] : []),
    ...(warned > maxWarnings ? [`${plural(warned, 'check')} warned; the profile allows at most ${maxWarnings}.`] : []),
  ];
}
