/** Profiles to choose from for a validation: the built-in ones, and those defined in `pipescope.json`. */
import { duration } from '../../core/format.ts';
import type { CustomValidation } from '../../protocol/validation/custom-validation.ts';
import { separator } from '../escape-label.ts';

interface ProfileChoice {
  readonly id: string;
  /** Purpose of the profile. */
  readonly detail: string;
  /** Number of checks, time limit and minimum score. */
  readonly description: string;
}

/** Same values as in the pipeline's own table of profiles. */
export const builtInProfiles = [
  { id: 'dev', checks: 28, budgetMs: 5000, minScore: 70, detail: 'Quick checks to run often while you work.' },
  { id: 'ci', checks: 45, budgetMs: 8000, minScore: 80, detail: 'Checks to pass before a change is merged.' },
  { id: 'enterprise', checks: 61, budgetMs: 10_000, minScore: 90, detail: 'All checks, to pass before a release.' },
] as const;

/** Returns all profiles, the last used one first. */
export function profileChoices(config: CustomValidation | undefined, last?: string): readonly ProfileChoice[] {
  const choices: ProfileChoice[] = [
    ...builtInProfiles.map(({ id, checks, budgetMs, minScore, detail }) => ({
      id,
      detail,
      description: [`${checks} checks`, timeLimit(budgetMs), readyFrom(minScore)].join(separator),
    })),
    ...Object.entries(config?.profiles ?? {})
      .filter(([id]) => !builtInProfiles.some((profile) => profile.id === id))
      .map(([id, { extends: base, budgetMs, minScore }]) => ({
        id,
        detail: 'Defined in pipescope.json.',
        description: [
          base === undefined ? '' : `extends ${base}`,
          budgetMs === undefined ? '' : timeLimit(budgetMs),
          minScore === undefined ? '' : readyFrom(minScore),
        ]
          .filter(Boolean)
          .join(separator),
      })),
  ];
  return choices.sort((a, b) => Number(b.id === last) - Number(a.id === last));
}

/** Formats a limit as `within 5 s` or `within 2.50 s`. */
function timeLimit(ms: number): string {
  return `within ${ms % 1000 === 0 && ms < 60_000 ? `${ms / 1000} s` : duration(ms * 1e6)}`;
}

function readyFrom(minScore: number): string {
  return `ready from ${minScore} of 100`;
}
