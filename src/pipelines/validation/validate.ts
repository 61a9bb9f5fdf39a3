/** Validates a workspace: plans the checks, runs them, and computes score and verdict. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { nowNs } from '../../probe/api/api.ts';
import { defined } from '../../protocol/defined.ts';
import { type CustomValidation, isCustomValidation } from '../../protocol/validation/custom-validation.ts';
import { type CheckResult, type Validation, validationSchema } from '../../protocol/validation/validation.ts';
import type { ValidationOutput } from './bundle/write-outputs.ts';
import { fail } from './check/check.ts';
import { FileCheckCache } from './check/check-cache.ts';
import { checks as builtIn } from './checks/checks.ts';
import { ConfigurationError } from './plan/configuration-error.ts';
import { createPlan, type ValidationPlan } from './plan/plan.ts';
import type { ValidationProfile } from './plan/profiles.ts';
import type { ValidationOptions } from './plan/validation-options.ts';
import { openRepository } from './repository/open-repository.ts';
import type { Repository } from './repository/repository.ts';
import { createCheckResult } from './run/check-result.ts';
import { DurationHistory } from './run/duration-history.ts';
import { readCommit, readToolVersions } from './run/environment-info.ts';
import { type ExecutionResult, Executor } from './run/executor.ts';
import { ValidationTelemetry } from './run/validation-telemetry.ts';
import { averageDuration } from './verdict/average-duration.ts';
import { evidenceBytes } from './verdict/evidence.ts';
import { computeScore, decideVerdict } from './verdict/score.ts';

/**
 * Runs one validation. Throws a ConfigurationError if the options or `pipescope.json` are invalid.
 * @param signal abort it to stop at once; the returned validation is then incomplete and must be discarded
 */
export async function validate(
  options: ValidationOptions,
  signal: AbortSignal,
  builtInChecks = builtIn,
): Promise<ValidationOutput> {
  const startNs = nowNs();
  const startedAt = new Date().toISOString();
  const finished = new AbortController();
  const repository = await openRepository(options.workspace, {
    ...defined({ facts: options.facts }),
    signal: AbortSignal.any([signal, finished.signal]),
  });
  const custom = { renormalizeWeights: options.renormalize, ...(await readCustomValidation(repository)) };
  const plan = override(createPlan(builtInChecks, custom, options.profile), options);
  const cache = new FileCheckCache(options.cache, options.cold);
  const toolCacheFolder = options.cache === undefined ? undefined : join(options.cache, 'tools');
  const history = new DurationHistory(cache);
  const telemetry = new ValidationTelemetry();
  const { results, calls, lanes, busyNs } = await new Executor({
    profile: plan.profile,
    disabled: plan.disabled,
    context: { repository, cache, ...defined({ base: options.base, toolCacheFolder }) },
    history,
    cores: availableParallelism(),
    signal,
    listener: telemetry,
  }).run();
  const checks = [...missingChecks(plan.profile), ...results];
  const git = await readCommit(repository, signal);
  const coverage = signal.aborted ? undefined : await repository.coverage();
  const tools = await readToolVersions(repository, calls, cache, signal);
  const suggestions = history.suggestions(checks);
  cache.save();
  // Ends indexing that a stopped check has started.
  finished.abort();
  const durationNs = Math.round(nowNs() - startNs);
  const validation: Validation = {
    schema: validationSchema,
    workspace: repository.root,
    ...evaluate(plan, checks, { lanes, busyNs, durationNs }),
    checks,
    tools,
    ...defined({ git, coverage }),
    suggestions,
    startedAt,
  };
  if (!signal.aborted) telemetry.reportVerdict(validation);
  return { validation, profile: plan.profile, calls };
}

type Evaluation = Omit<
  Validation,
  'schema' | 'workspace' | 'checks' | 'tools' | 'git' | 'coverage' | 'suggestions' | 'startedAt'
>;

/** Computes score, verdict and the totals of a run. */
function evaluate(
  { profile, weights }: ValidationPlan,
  checks: readonly CheckResult[],
  { lanes, busyNs, durationNs }: Pick<ExecutionResult, 'lanes' | 'busyNs'> & { readonly durationNs: number },
): Evaluation {
  const { minScore, maxWarnings } = profile;
  const score = computeScore(checks, weights);
  const evidence = checks.flatMap((check) => check.evidence);
  const executed = checks.filter(({ status }) => status !== 'skip').length;
  const checksNs = checks.reduce((sum, check) => sum + check.durationNs, 0);
  return {
    profile: profile.id,
    mode: profile.mode,
    parallel: { asked: profile.parallel, lanes },
    ...decideVerdict(checks, score, { minScore, maxWarnings }),
    ...score,
    minScore,
    maxWarnings,
    // JSON has no infinity.
    budgetMs: Number.isFinite(profile.budgetMs) ? profile.budgetMs : 0,
    durationNs,
    checksNs,
    averageCheckNs: averageDuration(checks),
    wallPerCheckNs: executed === 0 ? 0 : durationNs / executed,
    parallelEfficiency: durationNs === 0 ? 0 : busyNs / (durationNs * lanes),
    evidenceCount: evidence.length,
    evidenceBytes: evidenceBytes(evidence),
  };
}

/** Applies the command-line options that take precedence over the profile. */
function override(plan: ValidationPlan, { parallel, budgetMs, category }: ValidationOptions): ValidationPlan {
  const profile = { ...plan.profile, ...defined({ parallel, budgetMs }) };
  if (category === undefined) return { ...plan, profile };
  const checks = profile.checks.filter((check) => check.category === category);
  if (checks.length === 0) {
    throw new ConfigurationError(`Profile ${profile.id} has no checks in category "${category}".`);
  }
  return { ...plan, profile: { ...profile, checks, required: [] } };
}

/** Reads `validation` of `pipescope.json`. The host validates the file too and reports errors with their location. */
async function readCustomValidation(repository: Repository): Promise<CustomValidation> {
  const config = (await repository.json('pipescope.json')) as { readonly validation?: unknown } | null | undefined;
  const validation = config?.validation ?? {};
  if (isCustomValidation(validation)) return validation;
  throw new ConfigurationError(
    'Invalid "validation" in pipescope.json. Open the file in the editor to see the errors.',
  );
}

/** Returns a failed result for each required check that is not defined. */
function missingChecks({ required, checks }: ValidationProfile): CheckResult[] {
  const missing = required.filter((id) => !checks.some((check) => check.id === id));
  return missing.map((id) => {
    const check = { id, category: 'workspace', severity: 'fatal' } as const;
    const steps = ['Define it in "checks" of pipescope.json, or remove it from "required".'];
    const remediation = [{ priority: 'critical' as const, title: `Define the check ${id}`, steps }];
    return createCheckResult(check, fail(`Required check ${id} is not defined`, { remediation }), { durationNs: 0 });
  });
}
