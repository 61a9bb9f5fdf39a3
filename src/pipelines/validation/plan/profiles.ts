/** Built-in profiles: which checks run, which result is required, and how long the run may take. */
import type { Parallel } from '../../../protocol/validation/custom-validation.ts';
import type { Mode } from '../../../protocol/validation/validation.ts';
import type { Check, ProfileId } from '../check/check.ts';

export interface ValidationProfile {
  readonly id: string;
  readonly mode: Mode;
  /** In report order. */
  readonly checks: readonly Check[];
  /** Ids of checks that must exist. A missing one fails the run, so that its absence is noticed. */
  readonly required: readonly string[];
  readonly minScore: number;
  readonly maxWarnings: number;
  readonly budgetMs: number;
  readonly parallel: Parallel;
}

/** A profile without its checks, which are all those whose `minProfile` is this one or a smaller one. */
type ProfileRow = Omit<ValidationProfile, 'checks'> & { readonly id: ProfileId };

const dev = [
  'WS_GIT_HEAD',
  'WS_CONFLICTS',
  'WS_SYMLINKS',
  'WS_MANIFEST',
  'BLD_LOCK_FRESH',
  'BLD_TYPECHECK',
  'BLD_SYNTAX',
  'TST_FOCUSED',
  'SAF_SECRETS',
  'SAF_SECRET_FILES',
  'SAF_BIDI',
  'SAF_INTEGRITY',
  'GEN_HAND_EDITS',
];
const ci = [...dev, 'BLD_IMPORTS', 'TST_COLLECT', 'GEN_FRESH'];
const enterprise = [...ci, 'TST_RUN', 'GEN_DRY_RUN'];

/** Smallest first. The required checks of a profile are its fatal ones. */
export const profileRows: readonly ProfileRow[] = [
  { id: 'dev', mode: 'fast', required: dev, minScore: 70, maxWarnings: 20, budgetMs: 5000, parallel: 'auto' },
  { id: 'ci', mode: 'strict', required: ci, minScore: 80, maxWarnings: 10, budgetMs: 8000, parallel: 'auto' },
  {
    id: 'enterprise',
    mode: 'paranoid',
    required: enterprise,
    minScore: 90,
    maxWarnings: 5,
    budgetMs: 10_000,
    parallel: 'auto',
  },
];

/** Returns the built-in profiles with those of the given checks that belong to each. */
export function builtInProfiles(checks: readonly Check[]): readonly ValidationProfile[] {
  const ids = profileRows.map(({ id }) => id);
  return profileRows.map((row, index) => ({
    ...row,
    checks: checks.filter(({ minProfile }) => ids.indexOf(minProfile) <= index),
  }));
}
