/**
 * What the numbers mean: a score with its parts, and a light with its reason for each component.
 *
 * The score is that of the field's "pipeline efficiency": cache 30, success 25, speed 25, memory 20 points, divided by
 * the points that data exist for, so that a pipeline without a cache can reach 100. A light never judges a ratio of
 * fewer than twenty observations: below that it tells plain facts only.
 */
import type { ComponentState, Health, Level, Light, ScorePart } from '../../protocol/snapshot.ts';
import { checkErrors } from '../../protocol/validation.ts';
import * as format from '../format.ts';

export interface Thresholds {
  readonly warningErrorRatio: number;
  readonly criticalErrorRatio: number;
  readonly minHitRatio: number;
  /** By component: where a cache that works well hits less often than that. */
  readonly minHitRatios?: Readonly<Record<string, number>>;
  readonly maxP95Ns: number;
}

export const defaultThresholds: Thresholds = {
  warningErrorRatio: 0.05,
  criticalErrorRatio: 0.1,
  minHitRatio: 0.7,
  maxP95Ns: 30e9,
};

/** Observations below which a ratio is not judged. */
const enough = 20;

export interface Totals {
  readonly count: number;
  readonly errors: number;
  readonly hits: number;
  readonly misses: number;
  /** Mean duration of one call. */
  readonly meanNs: number;
  /** Resident memory; absent where nobody told. */
  readonly memoryBytes?: number;
}

const clamp = (value: number, most: number): number => Math.min(most, Math.max(0, value));

/** Score 0 to 100 over the parts that there are data for, and its level; no score while nothing is known. */
export function healthOf(totals: Totals): Health {
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
  if (totals.count === 0) return { parts };
  const available = parts.reduce((sum, part) => sum + part.available, 0);
  const score = (parts.reduce((sum, part) => sum + part.points, 0) / available) * 100;
  return { score, level: levelOf(score), parts };
}

export function levelOf(score: number): Level {
  if (score >= 80) return 'excellent';
  if (score >= 60) return 'good';
  return score >= 40 ? 'warning' : 'critical';
}

/** 100, less 30 for more than 10 % errors, less 20 for less than half of the lookups hit, where there is a cache. */
export function componentScore(totals: Pick<Totals, 'count' | 'errors' | 'hits' | 'misses'>): number | undefined {
  if (totals.count === 0) return undefined;
  const lookups = totals.hits + totals.misses;
  const failing = totals.errors / totals.count > 0.1;
  const missing = lookups > 0 && totals.hits / lookups < 0.5;
  return 100 - (failing ? 30 : 0) - (missing ? 20 : 0);
}

type Judged = Omit<ComponentState, 'light' | 'reason' | 'score'>;

/** The light of a component and why it is that; `sampledNs`: its own time, where only looks at the stack know of it. */
export function lightOf(
  component: Judged,
  thresholds: Thresholds,
  sampledNs?: number,
): { readonly light: Light; readonly reason: string } {
  const { count, errors } = component;
  const judged = checksOf(component.errorTypes);
  if (judged) return judged;
  if (count === 0) {
    // Whether calls failed or were slow cannot be told from looks: no light rather than a green one.
    if (sampledNs === undefined) return { light: 'off', reason: 'no data yet' };
    return { light: 'off', reason: `sampled: ~${format.duration(sampledNs)} of its own, calls are not counted` };
  }
  const errorRatio = Math.min(1, errors / count);
  const failed = `${format.count(errors)} of ${format.count(count)} failed${worstType(component)}`;
  if (count < enough) {
    if (errors > 0) return { light: errorRatio > 0.5 ? 'error' : 'warning', reason: failed };
  } else {
    if (errorRatio > thresholds.criticalErrorRatio) return { light: 'error', reason: failed };
    if (errorRatio > thresholds.warningErrorRatio) return { light: 'warning', reason: failed };
  }
  const lookups = component.cacheHits + component.cacheMisses;
  const least = thresholds.minHitRatios?.[component.name] ?? thresholds.minHitRatio;
  if (lookups >= enough && component.cacheHits / lookups < least) {
    const ratio = format.percent(component.cacheHits / lookups);
    return { light: 'warning', reason: `cache hits ${ratio}, below ${format.percent(least)}` };
  }
  if (component.p95Ns !== undefined && component.p95Ns > thresholds.maxP95Ns) {
    const limit = format.duration(thresholds.maxP95Ns);
    return { light: 'warning', reason: `p95 ${format.duration(component.p95Ns)}, above ${limit}` };
  }
  return { light: 'ok', reason: facts(component) };
}

/** What checks found is a fact, however many there are: the worst of them decides. */
function checksOf(types: Judged['errorTypes']): { readonly light: Light; readonly reason: string } | undefined {
  const { [checkErrors.fail]: failed = 0, [checkErrors.crashed]: crashed = 0, [checkErrors.warn]: warned = 0 } = types;
  if (failed + crashed + warned === 0) return undefined;
  const words = { failed, 'not made': crashed, 'with a warning': warned };
  const told = Object.entries(words).filter(([, times]) => times > 0);
  const reason = told.map(([word, times]) => `${format.count(times)} ${word}`).join(' · ');
  return { light: failed > 0 ? 'error' : 'warning', reason };
}

function worstType(component: Judged): string {
  const [worst] = Object.entries(component.errorTypes).sort((a, b) => b[1] - a[1]);
  return worst ? `, mostly ${worst[0]}` : '';
}

function facts(component: Judged): string {
  const counters = Object.entries(component.counters).slice(0, 3);
  const told = counters.map(([name, value]) => `${format.count(value)} ${name}`);
  return [...told, component.errors > 0 ? `${format.count(component.errors)} failed` : 'ok'].join(' · ');
}
