/** Overall numbers of a validation, and the plain-text summary. */
import type { CheckResult, Validation } from '../../../protocol/validation/validation.ts';

interface NamedDuration {
  readonly id: string;
  readonly durationNs: number;
  /** True if a check was stopped, so that the duration is a lower bound. */
  readonly isMinimum?: boolean;
}

interface DodMetrics {
  /** Number of all checks, including skipped ones; the rates are shares of this number. */
  readonly executed: number;
  readonly passed: number;
  readonly failed: number;
  readonly warned: number;
  readonly skipped: number;
  /** 0 to 1; 0 if there are no checks. */
  readonly successRate: number;
  readonly failureRate: number;
  readonly slowestCheck?: NamedDuration;
  readonly fastestCheck?: NamedDuration;
  readonly slowestCategory?: NamedDuration;
}

export function metricsOf({ checks, categories }: Pick<Validation, 'checks' | 'categories'>): DodMetrics {
  const countOf = (status: CheckResult['status']): number => checks.filter((check) => check.status === status).length;
  const [executed, passed, failed] = [checks.length, countOf('pass'), countOf('fail')];
  // A skipped check did not do its work, but one that was stopped did at least a part of it.
  const byTime = checks.filter(({ status, stopped }) => status !== 'skip' || stopped).sort(byDuration);
  const [slowest, fastest] = [byTime[0], byTime.findLast(({ stopped }) => !stopped)];
  const category = categories.filter((row) => isEvaluated(row) || isStopped(row, checks)).sort(byDuration)[0];
  return {
    executed,
    passed,
    failed,
    warned: countOf('warn'),
    skipped: countOf('skip'),
    successRate: executed === 0 ? 0 : passed / executed,
    failureRate: executed === 0 ? 0 : failed / executed,
    ...(slowest ? { slowestCheck: durationOf(slowest) } : {}),
    ...(fastest ? { fastestCheck: durationOf(fastest) } : {}),
    ...(category ? { slowestCategory: durationOf({ ...category, stopped: isStopped(category, checks) }) } : {}),
  };
}

/** Formats `summary.txt`. Scripts parse it, so its lines must keep their order and wording. */
export function formatSummary(validation: Validation): string {
  const metrics = metricsOf(validation);
  const { slowestCheck, slowestCategory } = metrics;
  return [
    'DoD Metrics Summary',
    '==================',
    '',
    `Total Duration: ${seconds(validation.durationNs)}`,
    `Checks Executed: ${metrics.executed}`,
    `  - Passed: ${metrics.passed}`,
    `  - Failed: ${metrics.failed}`,
    `  - Warned: ${metrics.warned}`,
    `  - Skipped: ${metrics.skipped}`,
    `Success Rate: ${(metrics.successRate * 100).toFixed(1)}%`,
    `Evidence Size: ${validation.evidenceBytes} bytes`,
    '',
    ...(slowestCheck ? [`Slowest Check: ${slowestCheck.id} (${bounded(slowestCheck)})`] : []),
    ...(slowestCategory ? [`Slowest Category: ${slowestCategory.id} (${bounded(slowestCategory)})`] : []),
    `Average Check Duration: ${seconds(validation.averageCheckNs)}`,
    '',
  ].join('\n');
}

type Timed = Pick<CheckResult, 'id' | 'durationNs' | 'stopped'>;

const byDuration = (a: Pick<Timed, 'durationNs'>, b: Pick<Timed, 'durationNs'>): number => b.durationNs - a.durationNs;

const durationOf = ({ id, durationNs, stopped }: Timed): NamedDuration => ({
  id,
  durationNs,
  ...(stopped ? { isMinimum: true } : {}),
});

/** Returns whether a check of the category was stopped, so that the category's duration is a lower bound. */
function isStopped({ id }: Pick<Timed, 'id'>, checks: readonly CheckResult[]): boolean {
  return checks.some(({ category, stopped }) => category === id && stopped === true);
}

function isEvaluated({ passed, failed, warned }: Validation['categories'][number]): boolean {
  return passed + failed + warned > 0;
}

const bounded = ({ durationNs, isMinimum }: NamedDuration): string =>
  `${isMinimum ? 'at least ' : ''}${seconds(durationNs)}`;

const seconds = (ns: number): string => `${(ns / 1e9).toFixed(2)}s`;
