/** Overall numbers of a validation, and the plain-text summary. */
import type { CheckResult, Validation } from '../../../protocol/validation.ts';

interface NamedDuration {
  readonly id: string;
  readonly durationNs: number;
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
  // A skipped check has no meaningful duration.
  const byTime = checks.filter(({ status }) => status !== 'skip').sort((a, b) => b.durationNs - a.durationNs);
  const [slowest, fastest] = [byTime[0], byTime.at(-1)];
  const category = categories.filter(isEvaluated).sort((a, b) => b.durationNs - a.durationNs)[0];
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
    ...(category ? { slowestCategory: durationOf(category) } : {}),
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
    ...(slowestCheck ? [`Slowest Check: ${slowestCheck.id} (${seconds(slowestCheck.durationNs)})`] : []),
    ...(slowestCategory ? [`Slowest Category: ${slowestCategory.id} (${seconds(slowestCategory.durationNs)})`] : []),
    `Average Check Duration: ${seconds(validation.averageCheckNs)}`,
    '',
  ].join('\n');
}

const durationOf = ({ id, durationNs }: NamedDuration): NamedDuration => ({ id, durationNs });

function isEvaluated({ passed, failed, warned }: Validation['categories'][number]): boolean {
  return passed + failed + warned > 0;
}

const seconds = (ns: number): string => `${(ns / 1e9).toFixed(2)}s`;
