/** Python's version specifiers, such as `>=3.8,!=3.9.*`, held against the version of an interpreter (PEP 440). */

type Release = readonly number[];

const clause = /^(~=|===?|!=|<=|>=|<|>)\s*v?(\d+(?:\.\d+)*)(\.\*)?(?:\.?(?:a|b|rc|post|dev)\d*)*$/i;

/** Whether a release such as `3.11.7` fits; nothing where the specifier cannot be read. */
export function fitsSpecifier(version: string, specifier: string): boolean | undefined {
  const release = releaseOf(version);
  let fits = true;
  for (const part of specifier.split(',').map((one) => one.trim())) {
    if (part === '') continue;
    const [, operator, number, wildcard] = clause.exec(part) ?? [];
    if (operator === undefined || number === undefined) return undefined;
    fits &&= fitsClause(release, operator, releaseOf(number), wildcard !== undefined);
  }
  return fits;
}

function fitsClause(release: Release, operator: string, wanted: Release, wildcard: boolean): boolean {
  const order = compare(wildcard ? release.slice(0, wanted.length) : release, wanted);
  switch (operator) {
    case '~=':
      // At least this, and the same but for the last number.
      return order >= 0 && compare(release.slice(0, wanted.length - 1), wanted.slice(0, -1)) === 0;
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

const releaseOf = (version: string): Release => version.split('.').map(Number);

/** Numbers that are missing count as 0. */
function compare(a: Release, b: Release): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
