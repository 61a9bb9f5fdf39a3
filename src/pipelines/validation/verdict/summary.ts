/** The numbers of a validation as a whole, and the short text that people copy. */
import type { CheckResult, Validation } from '../../../protocol/validation.ts';

interface Time {
  readonly id: string;
  readonly durationNs: number;
}

export interface DodMetrics {
  /** Every check of the run, also one that was skipped: the rates are shares of all. */
  readonly executed: number;
  readonly passed: number;
  readonly failed: number;
  readonly warned: number;
  readonly skipped: number;
  /** 0 to 1; 0 where there was no check. */
  readonly successRate: number;
  readonly failureRate: number;
  readonly slowestCheck?: Time;
  readonly fastestCheck?: Time;
  readonly slowestCategory?: Time;
}

export function metricsOf({ checks, categories }: Pick<Validation, 'checks' | 'categories'>): DodMetrics {
  const having = (status: CheckResult['status']): number => checks.filter((check) => check.status === status).length;
  const [executed, passed, failed] = [checks.length, having('pass'), having('fail')];
  // One that never began was neither slow nor fast.
  const byTime = checks.filter(({ status }) => status !== 'skip').sort((a, b) => b.durationNs - a.durationNs);
  const [slowest, fastest] = [byTime[0], byTime.at(-1)];
  const category = categories.filter(isSeen).sort((a, b) => b.durationNs - a.durationNs)[0];
  return {
    executed,
    passed,
    failed,
    warned: having('warn'),
    skipped: having('skip'),
    successRate: executed === 0 ? 0 : passed / executed,
    failureRate: executed === 0 ? 0 : failed / executed,
    ...(slowest ? { slowestCheck: timeOf(slowest) } : {}),
    ...(fastest ? { fastestCheck: timeOf(fastest) } : {}),
    ...(category ? { slowestCategory: timeOf(category) } : {}),
  };
}

/** Lines that never change their order or wording: people and programs know them. */
export function summaryOf(validation: Validation): string {
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

const timeOf = ({ id, durationNs }: Time): Time => ({ id, durationNs });

function isSeen({ passed, failed, warned }: Validation['categories'][number]): boolean {
  return passed + failed + warned > 0;
}

const seconds = (ns: number): string => `${(ns / 1e9).toFixed(2)}s`;
