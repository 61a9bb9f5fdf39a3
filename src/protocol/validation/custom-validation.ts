/** Schema of `validation` in a workspace's `pipescope.json`. */
import {
  amount,
  boolean,
  type Infer,
  list,
  literal,
  map,
  object,
  optional,
  refine,
  text,
  union,
  whole,
} from '../schema.ts';
import { severity } from './validation.ts';

/** Maximum number of entries in each list. */
const maxEntries = 1000;
const texts = list(text, maxEntries);

const parallel = union(
  literal('auto', 'serial'),
  refine(whole, (lanes) => lanes > 0),
);
/** Number of process lanes: one per CPU core, a single one, or the given number. */
export type Parallel = Infer<typeof parallel>;

const customCheck = object({
  id: text,
  /** Defaults to `own` for a program, and to its usual category for a built-in check. */
  category: optional(text),
  severity: optional(severity),
  /** Program; started without a shell. */
  command: optional(text),
  args: optional(texts),
  /** Relative to the workspace. */
  cwd: optional(text),
  /** ID of the built-in check to run. */
  builtin: optional(text),
  timeoutMs: optional(amount),
  dependsOn: optional(texts),
  /** Regular expression with the groups `file`, `line` and `message`, applied to each line that the program prints. */
  parse: optional(text),
});
/** A custom check: a program that is judged by its exit code, or a built-in check under another ID. */
export type CustomCheck = Infer<typeof customCheck>;

const customProfile = object({
  /** Profile that this one is based on. */
  extends: optional(text),
  checks: optional(texts),
  /** Checks that must exist and belong to the profile. */
  required: optional(texts),
  minScore: optional(amount),
  maxWarnings: optional(amount),
  budgetMs: optional(amount),
  parallel: optional(parallel),
});
/** A custom profile, or changes to a built-in one. */
export type CustomProfile = Infer<typeof customProfile>;

export const isCustomValidation = object({
  profiles: optional(map(customProfile)),
  checks: optional(list(customCheck, maxEntries)),
  /** Weight of each category, from 0 to 1. */
  weights: optional(map(amount)),
  /** Divides by the weights of the evaluated categories only; defaults to true. */
  renormalizeWeights: optional(boolean),
  /** IDs of checks that are skipped. */
  disabled: optional(texts),
});
export type CustomValidation = Infer<typeof isCustomValidation>;
