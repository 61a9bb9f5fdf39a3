/** The profiles that a workspace can be validated with: three that are built in, and its own. */
import { duration } from '../../core/format.ts';
import type { OwnValidation } from '../../protocol/custom-validation.ts';

export interface ProfileChoice {
  readonly id: string;
  /** What it is for. */
  readonly detail: string;
  /** How many checks, how long, and what it takes to be ready. */
  readonly description: string;
}

/** What the pipeline's own table says of them, as people choose by it. */
export const builtInProfiles = [
  { id: 'dev', checks: 25, budgetMs: 5000, minScore: 70, detail: 'What should hold while you work: quick, and often.' },
  { id: 'ci', checks: 40, budgetMs: 8000, minScore: 80, detail: 'What should hold before a change is merged.' },
  { id: 'enterprise', checks: 52, budgetMs: 10_000, minScore: 90, detail: 'Everything, before it is delivered.' },
] as const;

/** The one that was taken last comes first. */
export function profileChoices(own: OwnValidation | undefined, last?: string): readonly ProfileChoice[] {
  const choices: ProfileChoice[] = [
    ...builtInProfiles.map(({ id, checks, budgetMs, minScore, detail }) => ({
      id,
      detail,
      description: `${checks} checks · within ${seconds(budgetMs)} · ready from ${minScore} of 100`,
    })),
    ...Object.entries(own?.profiles ?? {})
      .filter(([id]) => !builtInProfiles.some((profile) => profile.id === id))
      .map(([id, profile]) => ({
        id,
        detail: 'Defined in pipescope.json.',
        description: [
          profile.extends === undefined ? '' : `as ${profile.extends}`,
          profile.budgetMs === undefined ? '' : `within ${seconds(profile.budgetMs)}`,
          profile.minScore === undefined ? '' : `ready from ${profile.minScore} of 100`,
        ]
          .filter(Boolean)
          .join(' · '),
      })),
  ];
  return choices.sort((a, b) => Number(b.id === last) - Number(a.id === last));
}

/** `5 s`, `2.5 s`: as a person would write a limit. */
function seconds(ms: number): string {
  return ms % 1000 === 0 && ms < 60_000 ? `${ms / 1000} s` : duration(ms * 1e6);
}
