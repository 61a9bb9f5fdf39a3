/** Tests whether a version is in a range, in the syntax of each language. */
import coerce from 'semver/functions/coerce.js';
import satisfies from 'semver/functions/satisfies.js';
import validRange from 'semver/ranges/valid.js';
import type { StackId } from '../../../repository/repository.ts';
import { matchesSpecifier } from '../../workspace/config/version-specifier.ts';

/** Returns undefined if the range or the version has another form, such as an address or the name of a release. */
export function isInRange(stack: StackId, version: string, range: string): boolean | undefined {
  if (range.trim() === '' || range.trim() === '*') return true;
  switch (stack) {
    case 'node':
      return isInNpmRange(version, range);
    case 'rust':
      // Commas separate the parts, and a plain version has the meaning of npm's `^`.
      return isInNpmRange(
        version,
        range
          .split(',')
          .map((part) => part.trim().replace(/^(?=\d)/, '^'))
          .join(' '),
      );
    case 'python':
      return /^[\^~\d]/.test(range) && !range.startsWith('~=')
        ? isInPoetryRange(version, range)
        : matchesSpecifier(version, range);
    default:
      return version === range;
  }
}

function isInNpmRange(version: string, range: string): boolean | undefined {
  if (validRange(range) === null || validRange(version) === null) return undefined;
  return satisfies(version, range, { includePrerelease: true });
}

/** Tests a version against Poetry's `^1.2`, `~1.2`, or a plain version, which matches only itself. */
function isInPoetryRange(version: string, range: string): boolean | undefined {
  const plainVersion = coerce(version)?.version;
  const npmRange = range.replaceAll(',', ' ').replace(/^(\d[\d.]*)$/, '=$1');
  return plainVersion === undefined || validRange(npmRange) === null ? undefined : satisfies(plainVersion, npmRange);
}
