/** Schema of `validation` in `pipescope.json`: custom profiles and checks, and the weights of categories. */
import {
  boolean,
  check,
  integer,
  maxLength,
  maxValue,
  minValue,
  number,
  optional,
  picklist,
  pipe,
  record,
  regex,
  union,
} from 'valibot';
import { arrayOf, nonEmptyString, plainObject, relativePath, strictObject, string, stringArray } from './schema.ts';

const finiteNumber = number('must be a number');
const wholeNumber = pipe(finiteNumber, integer('must be a whole number'), minValue(0, 'must not be negative'));
const milliseconds = pipe(finiteNumber, minValue(1, 'must be at least 1 millisecond'));
const id = pipe(
  string,
  regex(/^[\w.:-]+$/, 'must contain only letters, digits and _ . : -'),
  maxLength(80, 'must not be longer than 80 characters'),
);
const severities = ['fatal', 'warning', 'info'] as const;

const customCheck = pipe(
  strictObject({
    id,
    category: optional(id),
    severity: optional(picklist(severities, `must be one of ${severities.join(', ')}`)),
    command: optional(nonEmptyString),
    args: optional(stringArray),
    cwd: optional(relativePath),
    builtin: optional(nonEmptyString),
    timeoutMs: optional(milliseconds),
    dependsOn: optional(stringArray),
    parse: optional(nonEmptyString),
  }),
  check(
    ({ command, builtin }) => (command === undefined) !== (builtin === undefined),
    'must have either “command” or “builtin”, and not both',
  ),
);

const parallelMessage = 'must be auto, serial or a whole number of lanes from 1 to 64';

const profile = strictObject({
  extends: optional(nonEmptyString),
  checks: optional(stringArray),
  required: optional(stringArray),
  minScore: optional(
    pipe(finiteNumber, minValue(0, 'must not be negative'), maxValue(100, 'must not be greater than 100')),
  ),
  maxWarnings: optional(wholeNumber),
  budgetMs: optional(milliseconds),
  parallel: optional(
    union(
      [
        picklist(['auto', 'serial']),
        pipe(number(), integer(parallelMessage), minValue(1, parallelMessage), maxValue(64, parallelMessage)),
      ],
      parallelMessage,
    ),
  ),
});

const weight = pipe(finiteNumber, minValue(0, 'must not be negative'), maxValue(1, 'must not be greater than 1'));

export const customValidationSchema = strictObject({
  profiles: optional(pipe(plainObject, record(id, profile))),
  checks: optional(arrayOf(customCheck)),
  weights: optional(pipe(plainObject, record(id, weight))),
  renormalizeWeights: optional(boolean('must be true or false')),
  disabled: optional(stringArray),
});
