/** Remediation section of the report: each remediation once, sorted by priority. */
import { escapeMarkdown } from '../../../protocol/escape/escape-markdown.ts';
import type { CheckResult, Remediation } from '../../../protocol/validation/validation.ts';
import { canonicalJson } from '../verdict/canonical-json.ts';
import { codeBlock, inlineCode, quoteCommand } from './markdown.ts';

const priorities = ['critical', 'high', 'medium', 'low'] as const;

interface Advice extends Remediation {
  readonly checks: readonly string[];
}

/** Merges equal remediations of several checks. The merged one has the highest of their priorities. */
export function adviceOf(checks: readonly CheckResult[]): Advice[] {
  const merged = new Map<string, Advice>();
  for (const { id, remediation } of checks) {
    for (const item of remediation) {
      const key = canonicalJson({ ...item, priority: undefined });
      const previous = merged.get(key);
      const priority = previous ? higher(previous.priority, item.priority) : item.priority;
      merged.set(key, { ...item, priority, checks: [...new Set([...(previous?.checks ?? []), id])] });
    }
  }
  return [...merged.values()];
}

function higher(a: Remediation['priority'], b: Remediation['priority']): Remediation['priority'] {
  return priorities.indexOf(a) < priorities.indexOf(b) ? a : b;
}

export function formatRemediation(checks: readonly CheckResult[]): string[] {
  const advice = adviceOf(checks);
  return [
    '## Remediation',
    '',
    ...(advice.length === 0 ? ['No action required.', ''] : []),
    ...priorities.flatMap((priority) => {
      const items = advice.filter((item) => item.priority === priority);
      if (items.length === 0) return [];
      return [`### ${priority[0]?.toUpperCase()}${priority.slice(1)}`, '', ...items.flatMap(formatAdvice)];
    }),
  ];
}

function formatAdvice({ title, steps, command, checks }: Advice): string[] {
  return [
    `#### ${escapeMarkdown(title)}`,
    '',
    `For ${checks.map((id) => inlineCode(id)).join(', ')}.`,
    '',
    ...(steps.length > 0
      ? ['Steps:', '', ...steps.map((step, index) => `${index + 1}. ${escapeMarkdown(step)}`), '']
      : []),
    ...(command ? ['Quick-fix command:', '', ...codeBlock(quoteCommand(command), 'sh'), ''] : []),
  ];
}
