/** Creates the plan of a run from the built-in and the custom checks and profiles. */
import type { CustomProfile, CustomValidation } from '../../../protocol/validation/custom-validation.ts';
import { categories } from '../check/categories.ts';
import type { Check } from '../check/check.ts';
import type { ScoreWeights } from '../verdict/score.ts';
import { ConfigurationError } from './configuration-error.ts';
import { createCustomCheck } from './custom-check.ts';
import { findCycle } from './find-cycle.ts';
import { builtInProfiles, type ValidationProfile } from './profiles.ts';

export interface ValidationPlan {
  readonly profile: ValidationProfile;
  readonly disabled: ReadonlySet<string>;
  readonly weights: ScoreWeights;
}

/**
 * Creates the plan for a profile. Throws a ConfigurationError that names the invalid part of the custom configuration.
 * @param builtIn the built-in checks
 */
export function createPlan(builtIn: readonly Check[], custom: CustomValidation, profile: string): ValidationPlan {
  const checks = mergeChecks(builtIn, custom);
  assertValid(checks, custom);
  return {
    profile: resolveProfile(profile, builtInProfiles(checks), checks, custom.profiles ?? {}, []),
    disabled: new Set(custom.disabled),
    weights: weightsOf(custom),
  };
}

const maxWeightError = 0.001;

/** Without renormalization the weights must sum to 1, because otherwise no score could reach 100. */
function weightsOf({ weights = {}, renormalizeWeights: renormalize = true }: CustomValidation): ScoreWeights {
  const allWeights = { ...Object.fromEntries(categories.map(({ id, weight }) => [id, weight])), ...weights };
  const sum = Object.values(allWeights).reduce((total, weight) => total + weight, 0);
  if (renormalize || Math.abs(sum - 1) <= maxWeightError) return { weights, renormalize };
  throw new ConfigurationError(`The weights of all categories sum to ${Number(sum.toFixed(3))} instead of 1.`);
}

/** A custom check with the id of the built-in check it is based on replaces that check. Others are appended. */
function mergeChecks(builtIn: readonly Check[], { checks: rows = [] }: CustomValidation): readonly Check[] {
  const duplicate = rows.find(({ id }, index) => rows.findIndex((other) => other.id === id) < index);
  if (duplicate) throw new ConfigurationError(`There are two checks ${duplicate.id}. Rename one of them.`);
  const customChecks = rows.map((row) => {
    const replaced = builtIn.find(({ id }) => id === row.id);
    if (replaced && row.builtin !== row.id) {
      throw new ConfigurationError(
        `There is already a built-in check ${row.id}. Rename yours, or set "builtin": "${row.id}" to configure it.`,
      );
    }
    const check = createCustomCheck(row, builtIn);
    return replaced ? { ...check, minProfile: replaced.minProfile } : check;
  });
  const customById = new Map(customChecks.map((check) => [check.id, check]));
  const added = customChecks.filter(({ id }) => !builtIn.some((check) => check.id === id));
  return [...builtIn.map((check) => customById.get(check.id) ?? check), ...added];
}

/** Throws if an id refers to no check, or if checks depend on each other in a cycle. */
function assertValid(checks: readonly Check[], { disabled = [], profiles = {} }: CustomValidation): void {
  const ids = new Set(checks.map(({ id }) => id));
  const assertExists = (id: string, subject: string): void => {
    if (ids.has(id)) return;
    throw new ConfigurationError(`${subject} the check ${id}, which does not exist. Correct the ID.`);
  };
  for (const id of disabled) assertExists(id, '"disabled" lists');
  for (const check of checks) {
    for (const id of check.dependsOn ?? []) assertExists(id, `Check ${check.id} depends on`);
  }
  for (const [name, profile] of Object.entries(profiles)) {
    for (const id of profile.checks ?? []) assertExists(id, `Profile ${name} lists`);
  }
  const cycle = findCycle(checks);
  if (!cycle) return;
  throw new ConfigurationError(`Checks depend on each other: ${cycle.join(' → ')}. Remove one entry of "dependsOn".`);
}

/** @param extending names of the profiles that led here by "extends" */
function resolveProfile(
  name: string,
  builtIn: readonly ValidationProfile[],
  checks: readonly Check[],
  custom: Readonly<Record<string, CustomProfile>>,
  extending: readonly string[],
): ValidationProfile {
  const builtInProfile = builtIn.find(({ id }) => id === name);
  const row = Object.hasOwn(custom, name) ? custom[name] : undefined;
  if (extending.includes(name)) {
    throw new ConfigurationError(`Profiles extend each other: ${[...extending, name].join(' → ')}.`);
  }
  if (!builtInProfile && !row) {
    const names = [...new Set([...builtIn.map(({ id }) => id), ...Object.keys(custom)])];
    throw new ConfigurationError(`Unknown profile ${name}. Available profiles: ${names.join(', ')}.`);
  }
  if (!row) return builtInProfile as ValidationProfile;
  const base = builtInProfile ?? baseProfile(row.extends, builtIn, checks, custom, [...extending, name]);
  const required = [...new Set([...base.required, ...(row.required ?? [])])];
  const ids = new Set([...base.checks.map(({ id }) => id), ...(row.checks ?? []), ...required]);
  const { minScore, maxWarnings, budgetMs, parallel } = { ...base, ...row };
  return {
    id: name,
    mode: base.mode,
    checks: checks.filter(({ id }) => ids.has(id)),
    required,
    minScore,
    maxWarnings,
    budgetMs,
    parallel,
  };
}

/** Returns the extended profile; without one, the smallest profile's limits and no checks. */
function baseProfile(
  name: string | undefined,
  builtIn: readonly ValidationProfile[],
  checks: readonly Check[],
  custom: Readonly<Record<string, CustomProfile>>,
  extending: readonly string[],
): ValidationProfile {
  if (name !== undefined) return resolveProfile(name, builtIn, checks, custom, extending);
  return { ...(builtIn[0] as ValidationProfile), checks: [], required: [] };
}
