/** What a run is to do: the table of checks, the profile that was asked for, and what the workspace says of its own. */
import type { OwnProfile, OwnValidation } from '../../../protocol/custom-validation.ts';
import { categories } from '../check/categories.ts';
import type { Check } from '../check/check.ts';
import type { Weighing } from '../verdict/score.ts';
import { Misconfigured } from './config-error.ts';
import { ownCheck } from './custom-check.ts';
import { cycleIn } from './find-cycle.ts';
import { type Profile, profilesOf } from './profiles.ts';

export interface Plan {
  readonly profile: Profile;
  readonly disabled: ReadonlySet<string>;
  readonly weighing: Weighing;
}

/** Throws a Misconfigured that names what does not fit. */
export function planOf(table: readonly Check[], own: OwnValidation, wanted: string): Plan {
  const checks = withOwn(table, own);
  hold(checks, own);
  return {
    profile: profileOf(wanted, profilesOf(checks), checks, own.profiles ?? {}, []),
    disabled: new Set(own.disabled),
    weighing: weighingOf(own),
  };
}

/** Weights that are not divided by their sum must be a whole, or nothing could reach 100. */
function weighingOf({ weights = {}, renormalizeWeights: renormalize = true }: OwnValidation): Weighing {
  const all = { ...Object.fromEntries(categories.map(({ id, weight }) => [id, weight])), ...weights };
  const sum = Object.values(all).reduce((total, weight) => total + weight, 0);
  if (renormalize || Math.abs(sum - 1) <= mostOff) return { weights, renormalize };
  throw new Misconfigured(`The weights of all categories come to ${Number(sum.toFixed(3))}, and must come to 1.`);
}

const mostOff = 0.001;

/** A row of one's own stands for the built-in check that it names, if it has the same id; else it comes after all. */
function withOwn(table: readonly Check[], { checks: rows = [] }: OwnValidation): readonly Check[] {
  const again = rows.find(({ id }, index) => rows.findIndex((other) => other.id === id) < index);
  if (again) throw new Misconfigured(`There are two checks ${again.id}. Name one of them otherwise.`);
  const made = rows.map((row) => {
    const taken = table.find(({ id }) => id === row.id);
    if (taken && row.builtin !== row.id) {
      throw new Misconfigured(
        `There is a built-in check ${row.id}. Name yours otherwise, or say "builtin": "${row.id}".`,
      );
    }
    const check = ownCheck(row, table);
    return taken ? { ...check, from: taken.from } : check;
  });
  const instead = new Map(made.map((check) => [check.id, check]));
  const added = made.filter(({ id }) => !table.some((row) => row.id === id));
  return [...table.map((row) => instead.get(row.id) ?? row), ...added];
}

/** Every id that is named has a check, and no check waits for itself. */
function hold(checks: readonly Check[], { disabled = [], profiles = {} }: OwnValidation): void {
  const known = new Set(checks.map(({ id }) => id));
  for (const id of disabled) if (!known.has(id)) throw unknown(`"disabled" names`, id);
  for (const check of checks) {
    for (const id of check.dependsOn ?? []) if (!known.has(id)) throw unknown(`The check ${check.id} depends on`, id);
  }
  for (const [name, profile] of Object.entries(profiles)) {
    for (const id of profile.checks ?? []) if (!known.has(id)) throw unknown(`The profile ${name} has`, id);
  }
  const cycle = cycleIn(checks);
  if (cycle)
    throw new Misconfigured(`Checks wait for each other: ${cycle.join(' → ')}. Take one of the "dependsOn" out.`);
}

function unknown(who: string, id: string): Misconfigured {
  return new Misconfigured(`${who} the check ${id}, which does not exist. Correct the id.`);
}

/** @param above profiles that lead here by "extends" */
function profileOf(
  name: string,
  builtIn: readonly Profile[],
  checks: readonly Check[],
  own: Readonly<Record<string, OwnProfile>>,
  above: readonly string[],
): Profile {
  const itself = builtIn.find(({ id }) => id === name);
  const row = Object.hasOwn(own, name) ? own[name] : undefined;
  if (above.includes(name)) throw new Misconfigured(`Profiles extend each other: ${[...above, name].join(' → ')}.`);
  if (!itself && !row) {
    const names = [...new Set([...builtIn.map(({ id }) => id), ...Object.keys(own)])];
    throw new Misconfigured(`There is no profile ${name}. There are: ${names.join(', ')}.`);
  }
  if (!row) return itself as Profile;
  const next = [...above, name];
  const base =
    itself ?? (row.extends === undefined ? bare(builtIn) : profileOf(row.extends, builtIn, checks, own, next));
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

/** What a profile without any other has: the limits of the smallest, and no check. */
function bare([smallest]: readonly Profile[]): Profile {
  return { ...(smallest as Profile), checks: [], required: [] };
}
