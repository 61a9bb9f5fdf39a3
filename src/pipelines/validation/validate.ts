/** One validation, from the workspace to its report. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { nowNs } from '../../probe/api/api.ts';
import { isOwnValidation, type OwnValidation } from '../../protocol/custom-validation.ts';
import { defined } from '../../protocol/defined.ts';
import { type CheckResult, type Validation, validationSchema } from '../../protocol/validation.ts';
import { fault } from './check/check.ts';
import { Store } from './check/check-cache.ts';
import { checks as builtIn } from './checks/checks.ts';
import { Misconfigured } from './plan/config-error.ts';
import { type Plan, planOf } from './plan/plan.ts';
import type { Profile } from './plan/profiles.ts';
import type { Options } from './plan/validation-options.ts';
import { openRepository, type Repository } from './repository/repository.ts';
import { resultOf } from './run/check-result.ts';
import { History } from './run/duration-history.ts';
import { commitOf, versionsOf } from './run/environment-info.ts';
import { type Executed, Executor } from './run/executor.ts';
import type { Call } from './run/programs.ts';
import { Live } from './run/validation-telemetry.ts';
import { evidenceBytes } from './verdict/evidence.ts';
import { scoreOf, verdictOf } from './verdict/score.ts';

export interface Validated {
  readonly validation: Validation;
  /** The profile as it held. */
  readonly profile: Profile;
  readonly calls: ReadonlyMap<string, readonly Call[]>;
}

/** @param signal aborted to end all at once; what is returned then is not to be told */
export async function validate(options: Options, signal: AbortSignal, table = builtIn): Promise<Validated> {
  const startNs = nowNs();
  const startedAt = new Date().toISOString();
  const facts = options.facts === undefined ? {} : { facts: options.facts };
  const over = new AbortController();
  const repository = await openRepository(options.workspace, {
    ...facts,
    signal: AbortSignal.any([signal, over.signal]),
  });
  const own = { renormalizeWeights: options.renormalize, ...(await ownOf(repository)) };
  const plan = asked(planOf(table, own, options.profile), options);
  const memory = new Store(options.cache, options.cold);
  const history = new History(memory);
  const base = options.base === undefined ? {} : { base: options.base };
  const cache = options.cache === undefined ? {} : { cache: join(options.cache, 'tools') };
  const executed = await new Executor({
    profile: plan.profile,
    disabled: plan.disabled,
    context: { repository, memory, ...base, ...cache },
    history,
    cores: availableParallelism(),
    signal,
    listener: new Live(),
  }).run();
  const checks = [...undefinedIn(plan.profile), ...executed.results];
  const git = await commitOf(repository, signal);
  const tools = await versionsOf(repository, executed.calls, memory, signal);
  const rest = { checks, tools, ...(git ? { git } : {}), suggestions: history.suggestions(checks) };
  memory.save();
  // What is still read for a check that was ended is of no use any more.
  over.abort();
  return {
    validation: { ...told(plan, repository, executed, checks, Math.round(nowNs() - startNs)), ...rest, startedAt },
    profile: plan.profile,
    calls: executed.calls,
  };
}

type Told = Omit<Validation, 'checks' | 'tools' | 'git' | 'suggestions' | 'startedAt'>;

function told(
  { profile, weighing }: Plan,
  repository: Repository,
  { lanes }: Executed,
  checks: readonly CheckResult[],
  durationNs: number,
): Told {
  const { minScore, maxWarnings } = profile;
  const score = scoreOf(checks, weighing);
  const evidence = checks.flatMap((check) => check.evidence);
  const made = checks.filter(({ status }) => status !== 'skip').length;
  const checksNs = checks.reduce((sum, check) => sum + check.durationNs, 0);
  return {
    schema: validationSchema,
    workspace: repository.root,
    profile: profile.id,
    mode: profile.mode,
    parallel: { asked: profile.parallel, lanes },
    ...verdictOf(checks, score, { minScore, maxWarnings }),
    ...score,
    minScore,
    maxWarnings,
    // JSON knows no number without end.
    budgetMs: Number.isFinite(profile.budgetMs) ? profile.budgetMs : 0,
    durationNs,
    checksNs,
    averageCheckNs: made === 0 ? 0 : checksNs / made,
    wallPerCheckNs: made === 0 ? 0 : durationNs / made,
    parallelEfficiency: durationNs === 0 ? 0 : checksNs / (durationNs * lanes),
    evidenceCount: evidence.length,
    evidenceBytes: evidenceBytes(evidence),
  };
}

/** The plan with what the caller asked for instead. */
function asked(plan: Plan, { parallel, budgetMs, category }: Options): Plan {
  const instead = defined({ parallel, budgetMs });
  if (category === undefined) return { ...plan, profile: { ...plan.profile, ...instead } };
  const checks = plan.profile.checks.filter((check) => check.category === category);
  if (checks.length === 0)
    throw new Misconfigured(`No check of profile ${plan.profile.id} is of a category “${category}”.`);
  return { ...plan, profile: { ...plan.profile, ...instead, checks, required: [] } };
}

/** What the workspace says of its own validation; who started us may have told its faults more exactly already. */
async function ownOf(repository: Repository): Promise<OwnValidation> {
  const config = (await repository.json('pipescope.json')) as { readonly validation?: unknown } | null | undefined;
  const own = config?.validation ?? {};
  if (isOwnValidation(own)) return own;
  throw new Misconfigured(
    '“validation” in pipescope.json is not as it should be. Its schema in the editor says where.',
  );
}

/** A required check that nobody wrote must not be missed by nobody. */
function undefinedIn({ required, checks }: Profile): CheckResult[] {
  const missing = required.filter((id) => !checks.some((check) => check.id === id));
  return missing.map((id) => {
    const check = { id, category: 'workspace', severity: 'fatal' } as const;
    const steps = ['Define it in "checks" of pipescope.json, or take it out of "required".'];
    const remediation = [{ priority: 'critical' as const, title: `Define the check ${id}`, steps }];
    return resultOf(check, fault(`Required check ${id} is not defined`, { remediation }), 0);
  });
}
