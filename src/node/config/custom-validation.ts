/** What `validation` in `pipescope.json` may hold: profiles and checks of one's own, and how categories weigh. */
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
import { filled, object, path, rows, strict, text, texts } from './schema.ts';

const amount = number('must be a number');
const whole = pipe(amount, integer('must be a whole number'), minValue(0, 'must not be negative'));
const milliseconds = pipe(amount, minValue(1, 'must be at least 1 millisecond'));
const id = pipe(
  text,
  regex(/^[\w.:-]+$/, 'must be one word of letters, digits and _ . : -'),
  maxLength(80, 'must not be longer than 80 characters'),
);
const severities = ['fatal', 'warning', 'info'] as const;

const ownCheck = pipe(
  strict({
    id,
    category: optional(id),
    severity: optional(picklist(severities, `must be one of ${severities.join(', ')}`)),
    command: optional(filled),
    args: optional(texts),
    cwd: optional(path),
    builtin: optional(filled),
    timeoutMs: optional(milliseconds),
    dependsOn: optional(texts),
    parse: optional(filled),
  }),
  check(({ command, builtin }) => (command === undefined) !== (builtin === undefined), oneOfBoth),
);

const lanes = 'must be auto, serial or a whole number of lanes from 1 to 64';

const profile = strict({
  extends: optional(filled),
  checks: optional(texts),
  required: optional(texts),
  minScore: optional(pipe(amount, minValue(0, 'must not be negative'), maxValue(100, 'must not be above 100'))),
  maxWarnings: optional(whole),
  budgetMs: optional(milliseconds),
  parallel: optional(
    union(
      [picklist(['auto', 'serial']), pipe(number(), integer(lanes), minValue(1, lanes), maxValue(64, lanes))],
      lanes,
    ),
  ),
});

const weight = pipe(amount, minValue(0, 'must not be negative'), maxValue(1, 'must not be above 1'));

export const ownValidation = strict({
  profiles: optional(pipe(object, record(id, profile))),
  checks: optional(rows(ownCheck)),
  weights: optional(pipe(object, record(id, weight))),
  renormalizeWeights: optional(boolean('must be true or false')),
  disabled: optional(texts),
});

function oneOfBoth(): string {
  return 'wants either “command” or “builtin”, and not both';
}
