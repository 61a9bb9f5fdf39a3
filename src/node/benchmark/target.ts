/** Builds benchmark targets: pipelines, commands and earlier launches as a list of scenarios to run. */
import { HumanError } from '../../core/human-error.ts';
import { defined } from '../../protocol/defined.ts';
import type { Argv } from '../command/parse-command.ts';
import { buildCommandLaunch, buildPipelineLaunch, type LaunchSpec } from '../run/launch-spec.ts';
import type { Pipeline } from '../run/pipelines.ts';
import { relocateLaunch } from './relocate-launch.ts';
import { findSuite, launchScenario } from './suites.ts';

export interface Scenario {
  readonly name: string;
  /** Describes how to start one run. `data` is the folder that runs of the same target share. */
  readonly launch: (data: string) => LaunchSpec;
}

export interface BenchmarkTarget {
  /** Distinguishes the targets of one benchmark, e.g. by commit. */
  readonly name: string;
  readonly pipeline: Pipeline;
  readonly workspace: string;
  /** In the order of the first round. A scenario may depend on files left by an earlier one. */
  readonly scenarios: readonly Scenario[];
}

/** The selected program or pipeline, independent of the folder in which it runs. */
export type TargetSource =
  | {
      readonly kind: 'pipeline';
      readonly pipeline: Pipeline;
      /** Folder of the built bundles. */
      readonly dist: string;
      /** Runs only this scenario. */
      readonly scenario?: string;
    }
  | { readonly kind: 'command'; readonly argv: Argv; readonly cwd?: string }
  /** Repeats an earlier launch, moved to the target's workspace. */
  | { readonly kind: 'launch'; readonly launch: LaunchSpec };

export interface TargetOptions {
  readonly workspace: string;
  /** Defaults to `now`. */
  readonly name?: string;
  /** Runs the target without the profiler. */
  readonly noProbe?: boolean;
}

/**
 * Builds a target. A pipeline has the scenarios of its suite; every other target has a single scenario named `run`.
 * @throws HumanError if the pipeline has no scenario of the requested name
 */
export function targetOf(
  source: TargetSource,
  { workspace, name = 'now', noProbe = false }: TargetOptions,
): BenchmarkTarget {
  const { pipeline, scenarios } = describe(source, workspace);
  return {
    name,
    pipeline,
    workspace,
    scenarios: noProbe
      ? scenarios.map((scenario) => ({ ...scenario, launch: (data) => withoutProbe(scenario.launch(data)) }))
      : scenarios,
  };
}

function describe(source: TargetSource, workspace: string): Pick<BenchmarkTarget, 'pipeline' | 'scenarios'> {
  if (source.kind === 'pipeline') {
    const { pipeline, scenario } = source;
    const scenarios = pipelineScenarios(pipeline, workspace, source.dist);
    return { pipeline, scenarios: scenario === undefined ? scenarios : selectScenario(scenario, scenarios, pipeline) };
  }
  const launch =
    source.kind === 'launch'
      ? relocateLaunch(source.launch, workspace)
      : buildCommandLaunch(source.argv, { workspace, stdio: 'pipe', ...defined({ cwd: source.cwd }) });
  return { pipeline: launch.pipeline, scenarios: [{ name: 'run', launch: () => launch }] };
}

function pipelineScenarios(pipeline: Pipeline, workspace: string, dist: string): readonly Scenario[] {
  const suite = findSuite(pipeline.id);
  if (!suite) return [{ name: 'run', launch: (data) => buildPipelineLaunch(pipeline, { dist, workspace, data }) }];
  return suite.scenarios.map((scenario) => ({
    name: scenario.name,
    launch: (data) => launchScenario(suite, scenario, { dist, workspace, data }),
  }));
}

function selectScenario(name: string, scenarios: readonly Scenario[], pipeline: Pipeline): readonly Scenario[] {
  const matches = scenarios.filter((scenario) => scenario.name === name);
  if (matches.length > 0) return matches;
  const names = scenarios.map((scenario) => scenario.name).join(', ');
  throw new HumanError(`${pipeline.title} has no scenario “${name}”. Available scenarios: ${names}.`);
}

function withoutProbe(launch: LaunchSpec): LaunchSpec {
  return 'args' in launch.start ? { ...launch, start: { ...launch.start, noProbe: true } } : launch;
}

/** Returns the names of the scenarios in which a pipeline is benchmarked. */
export function scenarioNames(pipeline: Pipeline): readonly string[] {
  return findSuite(pipeline.id)?.scenarios.map(({ name }) => name) ?? ['run'];
}

/** Returns true if the selected scenario depends on files that an earlier scenario of the suite leaves. */
export function needsWarmup(source: TargetSource): boolean {
  if (source.kind !== 'pipeline' || source.scenario === undefined) return false;
  return scenarioNames(source.pipeline)[0] !== source.scenario;
}
