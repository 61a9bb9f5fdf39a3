/** From what a check found to what is told of it. */

import { defined } from '../../../protocol/defined.ts';
import type { CheckResult, CheckStatus, Finding } from '../../../protocol/validation.ts';
import { checkHash } from '../bundle/receipt.ts';
import { type Check, fault, type Outcome, skip } from '../check/check.ts';
import { evidenceOf } from '../verdict/evidence.ts';

/** Findings kept of one check; the number left out is told. */
const mostFindings = 1000;

type Named = Pick<Check, 'id' | 'category' | 'severity'>;

export function resultOf(check: Named, outcome: Outcome, durationNs: number): CheckResult {
  const { id, category, severity } = check;
  const { skipReason, message, findings = [], evidence = [], remediation = [] } = outcome;
  const facts = {
    id,
    category,
    severity,
    status: statusOf(check, outcome),
    ...defined({ skipReason }),
    message: message.slice(0, 2000),
    evidence: evidence.map(evidenceOf),
    findings: bounded(findings),
    remediation,
  };
  return { ...facts, durationNs, hash: checkHash(facts) };
}

/** A fault is as grave as its check. */
function statusOf({ severity }: Named, { status }: Outcome): CheckStatus {
  if (status !== 'fail' || severity === 'fatal') return status;
  return severity === 'warning' ? 'warn' : 'pass';
}

function bounded(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= mostFindings) return findings;
  const last = findings[mostFindings - 1] as Finding;
  const left = findings.length - mostFindings;
  return [
    ...findings.slice(0, mostFindings - 1),
    { ...last, message: `${last.message} (and ${left} more that are not listed)` },
  ];
}

/** Whether others that need this check are to be left out. */
export function hasFailed({ status, skipReason }: CheckResult): boolean {
  return status === 'fail' || status === 'warn' || skipReason === 'dependency_failed' || skipReason === 'crashed';
}

export function timedOut({ category, timeoutMs }: Check, elapsedNs: number): Outcome {
  return fault(`Check timed out after ${Math.round(elapsedNs / 1e6)} ms.`, {
    remediation: [
      {
        priority: 'high',
        title: `Increase timeout for category ${category} or optimize check`,
        steps: [
          `The check may take ${timeoutMs} ms. Give it more with a row of its own in pipescope.json: "builtin" and "timeoutMs".`,
          'Or let the tool that it runs look at less, or keep a cache.',
        ],
      },
    ],
  });
}

export function crashed(error: unknown): Outcome {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return skip('crashed', `The check itself went wrong: ${message}.`.replace(/\.\.$/, '.'), {
    evidence: [{ kind: 'log_entry', content: stack ?? message }],
    remediation: [
      {
        priority: 'medium',
        title: 'Report what went wrong',
        steps: [
          'The log of the check has the trace. Until it is mended, name the check in "disabled" in pipescope.json.',
        ],
      },
    ],
  });
}

/** There was no time for it: it was ended after `elapsedMs`, or not begun since it took that long the last time. */
export function noTime(profile: string, message: string): Outcome {
  return skip('budget', message, {
    remediation: [
      {
        priority: 'medium',
        title: 'Give it the time that it needs once',
        steps: [
          'Run the profile without a budget: tools then fill their caches, and how long the check takes is known.',
          'If it still takes longer than the profile allows, give a profile of your own a larger "budgetMs".',
        ],
        command: ['pipescope', 'run', 'validation', '--profile', profile, '--budget', 'off'],
      },
    ],
  });
}
