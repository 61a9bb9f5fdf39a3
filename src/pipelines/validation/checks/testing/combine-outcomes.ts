import { defined } from '../../../../protocol/defined.ts';
import { type CheckOutcome, skip } from '../../check/check.ts';

/** Combines the outcomes of several projects: fail wins over pass, and pass over skip. */
export function combineOutcomes(outcomes: readonly CheckOutcome[]): CheckOutcome {
  const [first] = outcomes;
  if (!first) return skip('not_applicable', 'No tests with a known test runner.');
  const status = (['fail', 'pass', 'skip'] as const).find((candidate) =>
    outcomes.some((outcome) => outcome.status === candidate),
  );
  return {
    status: status ?? 'skip',
    ...defined({ skipReason: status === 'skip' ? decisiveReason(outcomes) : undefined }),
    message: [...new Set(outcomes.map(({ message }) => message))].join(' '),
    findings: outcomes.flatMap(({ findings = [] }) => findings),
    evidence: outcomes.flatMap(({ evidence = [] }) => evidence),
    remediation: outcomes.flatMap(({ remediation = [] }) => remediation),
  };
}

/** A part that could not be evaluated leaves the whole unknown, even if the check does not apply to the other parts. */
function decisiveReason(outcomes: readonly CheckOutcome[]): CheckOutcome['skipReason'] {
  const reasons = outcomes.map(({ skipReason }) => skipReason);
  return reasons.find((reason) => reason !== 'not_applicable') ?? reasons[0];
}
