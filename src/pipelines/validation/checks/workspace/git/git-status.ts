/** Parses the output of `git status`. */
import { splitNul } from './git-query.ts';

/** Names of the entry types of `git status --porcelain=v2`. */
export const changeKinds: Readonly<Record<string, string>> = {
  '1': 'changed',
  '2': 'renamed',
  u: 'unmerged',
  '?': 'untracked',
};

interface StatusEntry {
  /** A value of `changeKinds`. */
  readonly kind: string;
  /** Relative to the top level of the repository. */
  readonly file: string;
}

/** Parses the output of `git status --porcelain=v2 -z`. Skips the old name that follows a renamed entry. */
export function parseStatus(output: string): StatusEntry[] {
  const entries: StatusEntry[] = [];
  const parts = splitNul(output);
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index] as string;
    const type = part[0] as string;
    const kind = changeKinds[type];
    if (kind === undefined) continue;
    // Number of fields before the path: 1 for type "?", 8 for "1", 9 for "2", 10 for "u" (git-status(1)).
    const fieldCount = type === '?' ? 1 : type === '1' ? 8 : type === '2' ? 9 : 10;
    entries.push({ kind, file: part.split(' ').slice(fieldCount).join(' ') });
    if (type === '2') index++;
  }
  return entries;
}
