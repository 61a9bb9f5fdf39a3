/** Formats the results of safety checks as findings, evidence and text. */
import type { Finding } from '../../../../../protocol/validation/validation.ts';
import type { RawEvidence } from '../../../check/check.ts';
import { type RuleMatch, titleOf } from './scan.ts';
import type { Located } from './scan-client.ts';

/** Maximum number of findings in a result. The message has the total count, and the evidence has all of them. */
export const maxFindings = 50;

/** Joins the first names: `a, b and 3 more`. */
export function listSome(names: readonly string[], max = 3): string {
  const listed = names.slice(0, max).join(', ');
  return names.length > max ? `${listed} and ${names.length - max} more` : listed;
}

export const toFindings = (matches: readonly Located<RuleMatch>[]): Finding[] =>
  matches.slice(0, maxFindings).map(({ file, match }) => ({
    file,
    line: match.line,
    message: `${titleOf(match.rule)}: ${match.text}`,
  }));

/** Returns all lines as one piece of evidence, so that a report includes findings beyond `maxFindings`. */
export function toEvidence(lines: readonly string[]): RawEvidence[] {
  return lines.length > 0 ? [{ kind: 'log_entry', content: lines.join('\n') }] : [];
}

export const toEvidenceLines = (matches: readonly Located<RuleMatch>[]): string[] =>
  matches.map(({ file, match }) => `${file}:${match.line} ${match.rule} ${match.text}`);

/** Returns a sentence that counts accepted matches by what accepts them, such as ` Accepted: 2 (gitleaks:allow).` */
export function describeAllowed(allowed: readonly { readonly match: { readonly allowedBy?: string } }[]): string {
  if (allowed.length === 0) return '';
  const names = new Set(allowed.map(({ match }) => match.allowedBy ?? ''));
  return ` Accepted: ${allowed.length} (${listSome([...names])}).`;
}

/** Counts matches by the title of their rule, highest count first: `3 any, 2 @ts-expect-error`. */
export function countByTitle(matches: readonly Located<RuleMatch>[]): string {
  const counts = new Map<string, number>();
  for (const { match } of matches) {
    const title = titleOf(match.rule);
    counts.set(title, (counts.get(title) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([title, count]) => `${count} ${title}`)
    .join(', ');
}
