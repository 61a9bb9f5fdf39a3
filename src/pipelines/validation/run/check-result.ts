/** Converts the outcome of a check to its result, and builds the outcomes of checks that did not finish. */
import { defined } from '../../../protocol/defined.ts';
import type { CheckResult, CheckStatus, Finding } from '../../../protocol/validation/validation.ts';
import { type Check, type CheckOutcome, skip } from '../check/check.ts';
import { checkHash } from '../verdict/check-hash.ts';
import { createEvidence } from '../verdict/evidence.ts';

/** Maximum number of findings in a result. The last one states how many were omitted. */
const maxFindings = 1000;
const maxMessageLength = 2000;

type CheckIdentity = Pick<Check, 'id' | 'category' | 'severity'>;

/** @param time duration of the check, and whether the check was stopped before it finished */
export function createCheckResult(
  check: CheckIdentity,
  outcome: CheckOutcome,
  { durationNs, isStopped = false }: { readonly durationNs: number; readonly isStopped?: boolean },
): CheckResult {
  const { id, category, severity } = check;
  const { skipReason, message, findings = [], evidence = [], remediation = [] } = outcome;
  const content = {
    id,
    category,
    severity,
    status: statusOf(check, outcome),
    ...defined({ skipReason, stopped: isStopped || undefined }),
    message: message.slice(0, maxMessageLength),
    evidence: evidence.map(createEvidence),
    findings: limitFindings(findings),
    remediation,
  };
  return { ...content, durationNs, hash: checkHash(content) };
}

/** Returns the status of a failed outcome by the severity of its check. */
function statusOf({ severity }: CheckIdentity, { status }: CheckOutcome): CheckStatus {
  if (status !== 'fail' || severity === 'fatal') return status;
  return severity === 'warning' ? 'warn' : 'pass';
}

function limitFindings(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= maxFindings) return findings;
  const last = findings[maxFindings - 1] as Finding;
  const omitted = findings.length - maxFindings;
  return [
    ...findings.slice(0, maxFindings - 1),
    { ...last, message: `${last.message} (and ${omitted} more that are not listed)` },
  ];
}

/** Returns whether checks that depend on this one must be skipped. */
export function hasFailed({ status, skipReason }: CheckResult): boolean {
  return status === 'fail' || status === 'warn' || skipReason === 'dependency_failed' || skipReason === 'crashed';
}

/** Returns the outcome of a check that exceeded its own timeout. It has not failed: its answer is unknown. */
export function timeoutOutcome({ category, timeoutMs }: Check, elapsedNs: number): CheckOutcome {
  return skip('timeout', `Check timed out after ${Math.round(elapsedNs / 1e6)} ms.`, {
    remediation: [
      {
        priority: 'high',
        title: `Increase timeout for category ${category} or optimize check`,
        steps: [
          `The timeout is ${timeoutMs} ms. To raise it, add a check with "builtin" and "timeoutMs" to pipescope.json.`,
          'Or configure the underlying tool to process fewer files or to use a cache.',
        ],
      },
    ],
  });
}

export function crashOutcome(error: unknown): CheckOutcome {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return skip('crashed', `The check crashed: ${message}.`.replace(/\.\.$/, '.'), {
    evidence: [{ kind: 'log_entry', content: stack ?? message }],
    remediation: [
      {
        priority: 'medium',
        title: 'Report the crash',
        steps: [
          'Attach the stack trace from the check log. To skip the check, add its ID to "disabled" in pipescope.json.',
        ],
      },
    ],
  });
}

/** Returns the outcome of a check that did not fit into the time budget: it was stopped or never started. */
export function budgetOutcome(profile: string, message: string): CheckOutcome {
  return skip('budget', message, {
    remediation: [
      {
        priority: 'medium',
        title: 'Run once without a time budget',
        steps: [
          'Run the profile without a budget, so that tools fill their caches and the duration of the check becomes known.',
          'If the check still takes longer than the budget, define a custom profile with a larger "budgetMs".',
        ],
        command: ['pipescope', 'run', 'validation', '--profile', profile, '--budget', 'off'],
      },
    ],
  });
}
