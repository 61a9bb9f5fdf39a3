/** The few shapes that values in `pipescope.json` have, each with the words that say what a value must be. */
import {
  array,
  type BaseIssue,
  custom,
  type GenericSchema,
  maxLength,
  pipe,
  regex,
  strictObject,
  string,
} from 'valibot';

/** Relative, and never upwards: no root, no drive, no segment `..`. */
const inside = /^(?![/\\]|[A-Za-z]:)(?!(?:.*[/\\])?\.\.(?:[/\\]|$))/;

export const text = string('must be text in quotes');
export const filled = pipe(text, regex(/\S/, 'must not be empty'));
export const texts = array(text, 'must be a list of texts in brackets');
export const path = pipe(
  filled,
  regex(inside, 'must lie inside the workspace: give a path relative to it, without ..'),
);
/** A list would pass for an object. */
export const object = custom<object>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object in braces',
);

/** A list of rows of one kind. */
export function rows<const Row extends GenericSchema>(row: Row) {
  return pipe(array(row, 'must be a list in brackets'), maxLength(100, 'must not have more than 100 rows'));
}

/** An object that takes no other keys than these. */
export function strict<const Entries extends Parameters<typeof strictObject>[0]>(entries: Entries) {
  const known = Object.keys(entries).filter((key) => key !== '$schema');
  const says = ({ expected }: BaseIssue<unknown>): string =>
    expected === 'never' ? `is not known here. Known here: ${known.join(', ')}` : 'is missing. Add it';
  return pipe(object, strictObject(entries, says));
}
