/** Whether a version is in a range, in the words of each language. */
import coerce from 'semver/functions/coerce.js';
import satisfies from 'semver/functions/satisfies.js';
import validRange from 'semver/ranges/valid.js';
import type { StackId } from '../../../repository/repository.ts';
import { fitsSpecifier } from '../../workspace/config/version-specifier.ts';

/** Nothing where the range or the version is in words that are not known here: addresses, names of releases. */
export function fits(stack: StackId, version: string, range: string): boolean | undefined {
  if (range.trim() === '' || range.trim() === '*') return true;
  switch (stack) {
    case 'node':
      return inRange(version, range);
    case 'rust':
      // A bare version means what `^` means in npm, and parts stand with commas between them.
      return inRange(
        version,
        range
          .split(',')
          .map((part) => part.trim().replace(/^(?=\d)/, '^'))
          .join(' '),
      );
    case 'python':
      return /^[\^~\d]/.test(range) && !range.startsWith('~=')
        ? poetryFits(version, range)
        : fitsSpecifier(version, range);
    default:
      return version === range;
  }
}

function inRange(version: string, range: string): boolean | undefined {
  if (validRange(range) === null || validRange(version) === null) return undefined;
  return satisfies(version, range, { includePrerelease: true });
}

/** Poetry's `^1.2`, `~1.2`, and a bare version, which means that one alone. */
function poetryFits(version: string, range: string): boolean | undefined {
  const plain = coerce(version)?.version;
  const words = range.replaceAll(',', ' ').replace(/^(\d[\d.]*)$/, '=$1');
  return plain === undefined || validRange(words) === null ? undefined : satisfies(plain, words);
}
