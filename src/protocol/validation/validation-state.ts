/** Progress and outcome of a validation run, as the built-in pipeline reports it in its batches. */
import { amount, boolean, type Infer, list, object, optional, text, whole } from '../schema.ts';
import { checkStatus, readyVerdict } from './validation.ts';

/** Component that the built-in pipeline reports its own counters, gauges and spans for. */
export const validationComponent = 'validation';

/** Maximum number of checks in one report; no profile has as many. */
const maxChecks = 10_000;

const checkState = object({
  id: text,
  category: text,
  status: checkStatus,
  /** True if the check was skipped because it threw an error. */
  crashed: optional(boolean),
  durationNs: amount,
});
/** A check that was executed and has ended. */
export type CheckState = Infer<typeof checkState>;

const validationOutcome = object({
  verdict: readyVerdict,
  /** Whole number from 0 to 100. */
  score: amount,
});

export const isValidationState = object({
  /** Number of checks by status, including those skipped without being executed. */
  passed: whole,
  failed: whole,
  warned: whole,
  skipped: whole,
  /** Executed checks, in the order in which they ended. */
  checks: list(checkState, maxChecks),
  /** Present once the verdict is known. */
  outcome: optional(validationOutcome),
});
/** Cumulative: each report replaces the previous one. */
export type ValidationState = Infer<typeof isValidationState>;
