/** Evaluates Python version specifiers such as `>=3.8,!=3.9.*` (PEP 440). */

type Release = readonly number[];

const clausePattern = /^(~=|===?|!=|<=|>=|<|>)\s*v?(\d+(?:\.\d+)*)(\.\*)?(?:\.?(?:a|b|rc|post|dev)\d*)*$/i;

/** Tests a release such as `3.11.7` against a specifier. Returns undefined if the specifier is invalid. */
export function matchesSpecifier(version: string, specifier: string): boolean | undefined {
  const release = parseRelease(version);
  let matches = true;
  for (const clause of specifier.split(',').map((part) => part.trim())) {
    if (clause === '') continue;
    const [, operator, number, wildcard] = clausePattern.exec(clause) ?? [];
    if (operator === undefined || number === undefined) return undefined;
    matches &&= matchesClause(release, operator, parseRelease(number), wildcard !== undefined);
  }
  return matches;
}

function matchesClause(release: Release, operator: string, target: Release, hasWildcard: boolean): boolean {
  const order = compare(hasWildcard ? release.slice(0, target.length) : release, target);
  switch (operator) {
    case '~=':
      // Compatible release: at least the target, and equal to it except for the last number.
      return order >= 0 && compare(release.slice(0, target.length - 1), target.slice(0, -1)) === 0;
    case '==':
    case '===':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<=':
      return order <= 0;
    case '>=':
      return order >= 0;
    case '<':
      return order < 0;
    default:
      return order > 0;
  }
}

const parseRelease = (version: string): Release => version.split('.').map(Number);

/** Compares two releases. Missing numbers count as 0. */
function compare(a: Release, b: Release): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
