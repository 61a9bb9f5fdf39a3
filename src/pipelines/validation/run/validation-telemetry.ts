/** Reports a validation to the profiler as it runs: its state, checks as operations of their category, spans and metrics. */
import { count, gauge, nowNs, operation, reportValidation, span } from '../../../probe/api/api.ts';
import { defined } from '../../../protocol/defined.ts';
import type { CheckResult, Validation } from '../../../protocol/validation/validation.ts';
import {
  type CheckState,
  type ValidationState,
  validationComponent,
} from '../../../protocol/validation/validation-state.ts';
import type { Check, CheckListener } from '../check/check.ts';

const component = validationComponent;

/** Counter of each check status. */
const counters = { pass: 'passed', fail: 'failed', warn: 'warned', skip: 'skipped' } as const;

/** Error types of check operations, as exported metrics name them. */
const checkErrors = { fail: 'check_failed', warn: 'check_warned', crashed: 'check_crashed' } as const;

/** Telemetry of one validation. */
export class ValidationTelemetry implements CheckListener {
  readonly #startsNs = new Map<string, number>();
  #state: ValidationState = { passed: 0, failed: 0, warned: 0, skipped: 0, checks: [] };

  execute<T>(check: Check, work: () => Promise<T>): Promise<T> {
    const startNs = nowNs();
    this.#startsNs.set(check.id, startNs);
    operationOf(check).begin(startNs);
    return span('dod.check.execute', work, { component, check_id: check.id, category: check.category });
  }

  collect<T>({ id }: Check, work: () => T): T {
    return span('dod.evidence.collect', work, { component, check_id: id });
  }

  onEnd(check: Check, result: CheckResult): void {
    const counter = counters[result.status];
    count('checks', 1, { component });
    count(counter, 1, { component });
    this.#report({ [counter]: this.#state[counter] + 1 });
    const startNs = this.#startsNs.get(check.id);
    if (startNs === undefined) return;
    this.#report({ checks: [...this.#state.checks, checkState(check, result)] });
    const executed = operationOf(check);
    const error = errorOf(result);
    executed.end(nowNs(), result.durationNs);
    if (error) executed.fail(error);
    const attributes = { check_id: check.id, category: check.category, result: result.status };
    executed.addSpan(startNs, result.durationNs, { attributes, ...defined({ error }) });
  }

  /** Reports the verdict; any other than `ready` counts as an error of the whole run. */
  reportVerdict({ verdict, score, evidenceBytes, evidenceCount }: Validation): void {
    this.#report({ outcome: { verdict, score } });
    count(verdict, 1, { component });
    gauge('score', score, { component });
    gauge('evidence_bytes', evidenceBytes, { component, unit: 'bytes' });
    gauge('evidence_count', evidenceCount, { component });
    if (verdict === 'ready') return;
    operation(component, 'dod.validation').fail(verdict === 'incomplete' ? checkErrors.crashed : checkErrors.fail);
  }

  #report(changes: Partial<ValidationState>): void {
    this.#state = { ...this.#state, ...changes };
    reportValidation(this.#state);
  }
}

/** Runs the whole validation as one span. */
export function traceValidation<T>(profile: string, work: () => Promise<T>): Promise<T> {
  return span('dod.validation', work, { component, profile });
}

export function traceReport<T>(format: string, work: () => T): T {
  return span('dod.report.generate', work, { component, format });
}

export function traceReceipt<T>(work: () => T): T {
  return span('dod.receipt.generate', work, { component });
}

function operationOf({ category, id }: Check): ReturnType<typeof operation> {
  // Without a file: a check belongs to the whole workspace.
  return operation(category, id, { kind: 'check', file: '' });
}

function checkState({ id, category }: Check, { status, skipReason, durationNs }: CheckResult): CheckState {
  return { id, category, status, durationNs, ...(skipReason === 'crashed' ? { crashed: true } : {}) };
}

function errorOf({ status, skipReason }: CheckResult): string | undefined {
  if (status === 'fail') return checkErrors.fail;
  if (status === 'warn') return checkErrors.warn;
  return skipReason === 'crashed' ? checkErrors.crashed : undefined;
}
