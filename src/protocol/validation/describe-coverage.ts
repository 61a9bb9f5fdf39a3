import { plural } from '../plural.ts';
import type { Coverage } from './validation.ts';

/** Reasons for which a file is not judged, in the order in which they are listed. */
const exclusions: readonly (readonly [
  key: Exclude<keyof Coverage, 'judged' | 'untracked'>,
  singular: string,
  plural: string,
])[] = [
  ['foreign', 'generated, vendored or test data', 'generated, vendored or test data'],
  ['binary', 'binary', 'binary'],
  ['large', 'larger than 2 MB', 'larger than 2 MB'],
  ['pointers', 'Git LFS pointer', 'Git LFS pointers'],
  ['missing', 'deleted or a link', 'deleted or links'],
  ['submodules', 'submodule', 'submodules'],
  ['nestedRepositories', 'nested repository', 'nested repositories'],
  ['ignored', 'ignored file or folder', 'ignored files and folders'],
];

/** Formats the numbers of files, such as `120 judged (2 untracked); not judged: 3 binary, 1 submodule.` */
export function describeCoverage(coverage: Coverage): string {
  const untracked = coverage.untracked === 0 ? '' : ` (${plural(coverage.untracked, 'file')} untracked)`;
  const excluded = exclusions
    .filter(([key]) => coverage[key] > 0)
    .map(([key, singular, many]) => plural(coverage[key], singular, many));
  const rest = excluded.length === 0 ? '' : `; not judged: ${excluded.join(', ')}`;
  return `${coverage.judged.toLocaleString('en-US')} judged${untracked}${rest}.`;
}
