/** Tells the profiler what a validation does while it does it: checks as operations of their category, spans, counters. */
import { count, gauge, nowNs, operation, span } from '../../../probe/api/api.ts';
import { type CheckResult, checkErrors, type Validation } from '../../../protocol/validation.ts';
import type { Check } from '../check/check.ts';
import type { Listener } from './executor.ts';

const component = 'validation';
/** As one counts them. */
const statuses = { pass: 'passed', fail: 'failed', warn: 'warned', skip: 'skipped' } as const;

export class Live implements Listener {
  readonly #startsNs = new Map<string, number>();

  execute<T>(check: Check, work: () => Promise<T>): Promise<T> {
    this.#startsNs.set(check.id, nowNs());
    operationOf(check).active++;
    return span('dod.check.execute', work, { component, check_id: check.id, category: check.category });
  }

  collect<T>({ id }: Check, work: () => T): T {
    return span('dod.evidence.collect', work, { component, check_id: id });
  }

  ended(check: Check, result: CheckResult): void {
    count('checks', 1, { component });
    count(statuses[result.status], 1, { component });
    const startNs = this.#startsNs.get(check.id);
    if (startNs === undefined) return;
    const one = operationOf(check);
    const error = errorOf(result);
    one.active--;
    one.record(result.durationNs);
    one.forgetSelf();
    if (error) one.fail(error);
    const attributes = { check_id: check.id, category: check.category, result: result.status };
    one.keepSpan(startNs, result.durationNs, { attributes, ...(error ? { error } : {}) });
  }
}

/** The whole run as one span; one that is not ready counts as failed. */
export function validating<T>(profile: string, work: () => Promise<T>): Promise<T> {
  return span('dod.validation', work, { component, profile });
}

export function reporting<T>(format: string, work: () => T): T {
  return span('dod.report.generate', work, { component, format });
}

export function receipting<T>(work: () => T): T {
  return span('dod.receipt.generate', work, { component });
}

export function tell({ verdict, score, evidenceBytes, evidenceCount }: Validation): void {
  count(verdict, 1, { component });
  gauge('score', score, { component });
  gauge('evidence_bytes', evidenceBytes, { component, unit: 'bytes' });
  gauge('evidence_count', evidenceCount, { component });
  if (verdict === 'ready') return;
  operation(component, 'dod.validation').fail(verdict === 'incomplete' ? checkErrors.crashed : checkErrors.fail);
}

function operationOf({ category, id }: Check): ReturnType<typeof operation> {
  // No place in a file: what a check looks at is the whole workspace.
  return operation(category, id, { kind: 'check', file: '' });
}

function errorOf({ status, skipReason }: CheckResult): string | undefined {
  if (status === 'fail') return checkErrors.fail;
  if (status === 'warn') return checkErrors.warn;
  return skipReason === 'crashed' ? checkErrors.crashed : undefined;
}
