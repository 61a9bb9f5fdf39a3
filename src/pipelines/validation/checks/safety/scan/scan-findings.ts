/** How the checks of safety say what they found: the places for people, the count in the sentence, the rest in evidence. */
import type { Finding } from '../../../../../protocol/validation.ts';
import type { FoundEvidence } from '../../../check/check.ts';
import { type Hit, titleOf } from './scan.ts';
import type { Place } from './scan-client.ts';

/** Findings that are shown; the sentence has the count of all. */
export const mostFindings = 50;

/** `1 place`, `2 places`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** `a, b and 3 more`. */
export function some(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

export const findingsOf = (places: readonly Place<Hit>[]): Finding[] =>
  places.slice(0, mostFindings).map(({ file, found }) => ({
    file,
    line: found.line,
    message: `${titleOf(found.rule)}: ${found.text}`,
  }));

/** All findings as lines, so that a report keeps also those that are not shown. */
export function evidenceOf(lines: readonly string[]): FoundEvidence[] {
  return lines.length > 0 ? [{ kind: 'log_entry', content: lines.join('\n') }] : [];
}

export const linesOf = (places: readonly Place<Hit>[]): string[] =>
  places.map(({ file, found }) => `${file}:${found.line} ${found.rule} ${found.text}`);

/** `3 any, 2 @ts-expect-error`, the most first. */
export function tally(places: readonly Place<Hit>[]): string {
  const counts = new Map<string, number>();
  for (const { found } of places) {
    const title = titleOf(found.rule);
    counts.set(title, (counts.get(title) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([title, count]) => `${count} ${title}`)
    .join(', ');
}
