/**
 * Computes a health score with its parts, and a light with its reason for each component.
 *
 * The score has at most 30 points for cache hits, 25 for success, 25 for speed and 20 for memory. It is divided by the
 * points of the parts that have data, so that a pipeline without a cache can reach 100. A light does not judge ratios of
 * fewer than twenty observations.
 *
 * Lights come first: the result of the run and the worst light determine the range of the score, so that a score, its level
 * and the lights never contradict each other or the exit code.
 */
import { defined } from '../../protocol/defined.ts';
import type { ComponentState, Health, Level, Light, Run, ScorePart } from '../../protocol/snapshot.ts';
import * as format from '../format.ts';
import type { CheckCounts } from './check-counts.ts';

export interface Thresholds {
  readonly warningErrorRatio: number;
  readonly criticalErrorRatio: number;
  readonly minHitRatio: number;
  /** Overrides `minHitRatio` by component, for caches that hit less often although they work well. */
  readonly minHitRatios?: Readonly<Record<string, number>>;
  readonly maxP95Ns: number;
}

export const defaultThresholds: Thresholds = {
  warningErrorRatio: 0.05,
  criticalErrorRatio: 0.1,
  minHitRatio: 0.7,
  maxP95Ns: 30e9,
};

/** Minimum number of observations for a ratio to be judged. */
const minObservations = 20;

export interface HealthTotals {
  readonly count: number;
  readonly errors: number;
  readonly hits: number;
  readonly misses: number;
  /** Mean duration of one call. */
  readonly meanNs: number;
  /** Resident memory; absent if unknown. */
  readonly memoryBytes?: number;
}

/** The worst light of a run with its reason, which names the component. */
export interface RunJudgement {
  readonly light: Light;
  readonly reason?: string;
}

/** Range of the score by the worst light: the ranges of the levels that have its icon. */
const scoreRanges: Readonly<Record<Exclude<Light, 'off'>, { readonly min: number; readonly max: number }>> = {
  ok: { min: 60, max: 100 },
  warning: { min: 40, max: 59 },
  error: { min: 0, max: 39 },
};

const severities: readonly Light[] = ['off', 'ok', 'warning', 'error'];

const clamp = (value: number, max: number): number => Math.min(max, Math.max(0, value));

/** Returns the result of a run that has failed, or else the worst light of its components. */
export function judgeRun(
  run: Pick<Run, 'result' | 'exitCode' | 'signal'>,
  components: readonly Pick<ComponentState, 'name' | 'light' | 'reason'>[],
): RunJudgement {
  if (run.result === 'failure' || run.result === 'error') return { light: 'error', reason: describeFailure(run) };
  let worst: RunJudgement = { light: 'off' };
  for (const { name, light, reason } of components) {
    if (severities.indexOf(light) <= severities.indexOf(worst.light)) continue;
    worst = light === 'ok' ? { light } : { light, reason: `${name}: ${reason}` };
  }
  return worst;
}

function describeFailure({ exitCode, signal }: Pick<Run, 'exitCode' | 'signal'>): string {
  if (signal !== undefined) return `terminated by ${signal}`;
  return exitCode === undefined ? 'failed' : `exit code ${exitCode}`;
}

/**
 * Computes a score from 0 to 100 over the parts that have data, within the range of the worst light. There is no score if no
 * call has been counted, but a level if the run has failed or a component has a warning.
 */
export function computeHealth(totals: HealthTotals, judgement: RunJudgement = { light: 'off' }): Health {
  const parts = scoreParts(totals);
  const { light, reason } = judgement;
  const facts = { light, parts, ...defined({ reason }) };
  if (totals.count === 0) {
    return light === 'warning' || light === 'error' ? { level: levelOf(scoreRanges[light].max), ...facts } : facts;
  }
  const available = parts.reduce((sum, part) => sum + part.available, 0);
  const computed = (parts.reduce((sum, part) => sum + part.points, 0) / available) * 100;
  const score = limitScore(computed, light);
  return { score, level: levelOf(score), ...facts };
}

function limitScore(score: number, light: Light): number {
  if (light === 'off') return score;
  const { min, max } = scoreRanges[light];
  return Math.min(max, Math.max(min, score));
}

function scoreParts(totals: HealthTotals): readonly ScorePart[] {
  const lookups = totals.hits + totals.misses;
  const parts: ScorePart[] = [];
  if (lookups > 0) parts.push({ name: 'cache', points: (totals.hits / lookups) * 30, available: 30 });
  if (totals.count > 0) {
    parts.push({ name: 'success', points: (1 - Math.min(1, totals.errors / totals.count)) * 25, available: 25 });
    parts.push({ name: 'speed', points: clamp(25 - totals.meanNs / 1e9, 25), available: 25 });
    if (totals.memoryBytes !== undefined) {
      parts.push({ name: 'memory', points: clamp(20 - totals.memoryBytes / 1048576 / 100, 20), available: 20 });
    }
  }
  return parts;
}

export function levelOf(score: number): Level {
  if (score >= 80) return 'excellent';
  if (score >= 60) return 'good';
  return score >= 40 ? 'warning' : 'critical';
}

/**
 * Returns 100, minus 30 for more than 10 % errors and minus 20 for a hit ratio below 50 %, within the range of the
 * component's light; undefined without calls. `hits` and `misses` are those of lookups whose ratio is judged.
 */
export function computeComponentScore(
  totals: Pick<HealthTotals, 'count' | 'errors' | 'hits' | 'misses'>,
  light: Light,
): number | undefined {
  if (totals.count === 0) return undefined;
  const lookups = totals.hits + totals.misses;
  const failing = totals.errors / totals.count > 0.1;
  const missing = lookups > 0 && totals.hits / lookups < 0.5;
  return limitScore(100 - (failing ? 30 : 0) - (missing ? 20 : 0), light);
}

/** Returns the lookups of a component if their ratio is judged: if there are enough, and if not every ratio is healthy. */
export function judgedLookups(
  { name, hits, misses }: { readonly name: string; readonly hits: number; readonly misses: number },
  thresholds: Thresholds,
): { readonly hits: number; readonly misses: number } {
  const isJudged = hits + misses >= minObservations && minHitRatioOf(name, thresholds) > 0;
  return isJudged ? { hits, misses } : { hits: 0, misses: 0 };
}

function minHitRatioOf(component: string, { minHitRatio, minHitRatios }: Thresholds): number {
  return minHitRatios?.[component] ?? minHitRatio;
}

type UnjudgedComponent = Omit<ComponentState, 'light' | 'reason' | 'score'>;

/**
 * Returns the light of a component and the reason for it.
 *
 * @param sampledNs self time of a component that is only known from stack samples
 * @param checks outcomes of a component whose operations are checks
 */
export function judgeLight(
  component: UnjudgedComponent,
  thresholds: Thresholds,
  sampledNs?: number,
  checks?: CheckCounts,
): { readonly light: Light; readonly reason: string } {
  const { count, errors } = component;
  const checkLight = checks && judgeChecks(checks);
  if (checkLight) return checkLight;
  if (count === 0) {
    // Samples do not show whether calls failed or were slow, so there is no light rather than a green one.
    if (sampledNs === undefined) return { light: 'off', reason: 'no data yet' };
    return { light: 'off', reason: `sampled: ~${format.duration(sampledNs)} self time, calls are not counted` };
  }
  const errorRatio = Math.min(1, errors / count);
  const failed = `${format.count(errors)} of ${format.count(count)} failed${describeMostFrequentError(component)}`;
  if (count < minObservations) {
    if (errors > 0) return { light: errorRatio > 0.5 ? 'error' : 'warning', reason: failed };
  } else {
    if (errorRatio > thresholds.criticalErrorRatio) return { light: 'error', reason: failed };
    if (errorRatio > thresholds.warningErrorRatio) return { light: 'warning', reason: failed };
  }
  const lookups = component.cacheHits + component.cacheMisses;
  const minHitRatio = minHitRatioOf(component.name, thresholds);
  if (lookups >= minObservations && component.cacheHits / lookups < minHitRatio) {
    const ratio = format.percent(component.cacheHits / lookups);
    return { light: 'warning', reason: `cache hits ${ratio}, below ${format.percent(minHitRatio)}` };
  }
  if (component.p95Ns !== undefined && component.p95Ns > thresholds.maxP95Ns) {
    const limit = format.duration(thresholds.maxP95Ns);
    return { light: 'warning', reason: `p95 ${format.duration(component.p95Ns)}, above ${limit}` };
  }
  return { light: 'ok', reason: describeFacts(component) };
}

/** The worst check decides, however few there are. Returns undefined if all passed. */
function judgeChecks({ failed, crashed, warned }: CheckCounts): ReturnType<typeof judgeLight> | undefined {
  if (failed + crashed + warned === 0) return undefined;
  const labels = { failed, 'not completed': crashed, 'with a warning': warned };
  const parts = Object.entries(labels).filter(([, count]) => count > 0);
  const reason = parts.map(([label, count]) => `${format.count(count)} ${label}`).join(' · ');
  return { light: failed > 0 ? 'error' : 'warning', reason };
}

function describeMostFrequentError(component: UnjudgedComponent): string {
  const [worst] = Object.entries(component.errorTypes).sort((a, b) => b[1] - a[1]);
  return worst ? `, mostly ${worst[0]}` : '';
}

function describeFacts(component: UnjudgedComponent): string {
  const counters = Object.entries(component.counters).slice(0, 3);
  const parts = counters.map(([name, value]) => `${format.count(value)} ${name}`);
  return [...parts, component.errors > 0 ? `${format.count(component.errors)} failed` : 'ok'].join(' · ');
}
