/** Building blocks for the schema of `pipescope.json`, with error messages that say what a value must be. */
import * as v from 'valibot';

/** Matches relative paths that stay inside the workspace: no root, no drive letter, no `..` segment. */
const relativePathPattern = /^(?![/\\]|[A-Za-z]:)(?!(?:.*[/\\])?\.\.(?:[/\\]|$))/;

const maxRows = 100;

export const string = v.string('must be text in quotes');
export const nonEmptyString = v.pipe(string, v.regex(/\S/, 'must not be empty'));
export const stringArray = v.array(string, 'must be a list of strings in brackets');
export const relativePath = v.pipe(
  nonEmptyString,
  v.regex(relativePathPattern, 'must be inside the workspace: use a relative path without ..'),
);
/** An object but not an array, which valibot's `record` would accept. */
export const plainObject = v.custom<object>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object in braces',
);

export function arrayOf<const Item extends v.GenericSchema>(item: Item) {
  return v.pipe(
    v.array(item, 'must be a list in brackets'),
    v.maxLength(maxRows, `must not have more than ${maxRows} rows`),
  );
}

/** An object without unknown keys. */
export function strictObject<const Entries extends Parameters<typeof v.strictObject>[0]>(entries: Entries) {
  const keys = Object.keys(entries).filter((key) => key !== '$schema');
  const message = ({ expected }: v.BaseIssue<unknown>): string =>
    expected === 'never' ? `is not a known key. Known keys: ${keys.join(', ')}` : 'is missing. Add it';
  return v.pipe(plainObject, v.strictObject(entries, message));
}
