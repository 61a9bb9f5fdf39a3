/** The built-in profiles: how much is looked at, how good it must be, and how long that may take. */
import type { Parallel } from '../../../protocol/custom-validation.ts';
import type { Mode } from '../../../protocol/validation.ts';
import type { Check, ProfileId } from '../check/check.ts';

/** What a run is asked for. */
export interface Profile {
  readonly id: string;
  readonly mode: Mode;
  /** In the order of the report. */
  readonly checks: readonly Check[];
  /** Ids that must be among the checks: one that is not defined fails the run, rather than to be missed by nobody. */
  readonly required: readonly string[];
  readonly minScore: number;
  readonly maxWarnings: number;
  readonly budgetMs: number;
  readonly parallel: Parallel;
}

/** A row before its checks are known: it has those whose own profile comes no later in the table. */
export type ProfileRow = Omit<Profile, 'checks'> & { readonly id: ProfileId };

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

/** The smallest first. Required is what is fatal. */
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

/** The built-in profiles with the checks of a table. */
export function profilesOf(checks: readonly Check[]): readonly Profile[] {
  const places = profileRows.map(({ id }) => id);
  return profileRows.map((row, place) => ({
    ...row,
    checks: checks.filter(({ from }) => places.indexOf(from) <= place),
  }));
}
