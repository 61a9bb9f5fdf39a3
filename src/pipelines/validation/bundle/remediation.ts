/** What to do next: the remediations of all checks, each said once and the most urgent first. */
import type { CheckResult, Remediation } from '../../../protocol/validation.ts';
import { canonical } from '../verdict/canonical-json.ts';
import { block, code, plain, shellWords } from './markdown.ts';

const priorities = ['critical', 'high', 'medium', 'low'] as const;

interface Advice extends Remediation {
  readonly checks: readonly string[];
}

/** What several checks ask for is said once, at the highest priority that one of them gives it. */
export function adviceOf(checks: readonly CheckResult[]): Advice[] {
  const found = new Map<string, Advice>();
  for (const { id, remediation } of checks) {
    for (const one of remediation) {
      const key = canonical({ ...one, priority: undefined });
      const known = found.get(key);
      const priority = known ? higher(known.priority, one.priority) : one.priority;
      found.set(key, { ...one, priority, checks: [...new Set([...(known?.checks ?? []), id])] });
    }
  }
  return [...found.values()];
}

function higher(one: Remediation['priority'], other: Remediation['priority']): Remediation['priority'] {
  return priorities.indexOf(one) < priorities.indexOf(other) ? one : other;
}

/** The section of the report. */
export function remediationOf(checks: readonly CheckResult[]): string[] {
  const advice = adviceOf(checks);
  return [
    '## Remediation',
    '',
    ...(advice.length === 0 ? ['Nothing to do.', ''] : []),
    ...priorities.flatMap((priority) => {
      const own = advice.filter((one) => one.priority === priority);
      if (own.length === 0) return [];
      return [`### ${priority[0]?.toUpperCase()}${priority.slice(1)}`, '', ...own.flatMap(adviceLines)];
    }),
  ];
}

function adviceLines({ title, steps, command, checks }: Advice): string[] {
  return [
    `#### ${plain(title)}`,
    '',
    `For ${checks.map((id) => code(id)).join(', ')}.`,
    '',
    ...(steps.length > 0 ? ['Steps:', '', ...steps.map((step, index) => `${index + 1}. ${plain(step)}`), ''] : []),
    ...(command ? ['Quick-fix command:', '', ...block(shellWords(command), 'sh'), ''] : []),
  ];
}
