/** Benchmark suites: the scenarios of each built-in pipeline and of parts of the validation. One row adds one suite. */
import { join } from 'node:path';
import { buildPipelineLaunch, type LaunchSpec } from '../run/launch-spec.ts';
import { type Pipeline, pipelines, requirePipeline } from '../run/pipelines.ts';

export interface SuiteScenario {
  readonly name: string;
  /** Ignores the caches of earlier runs. */
  readonly cold?: boolean;
  /** Extra arguments for the pipeline. */
  readonly args?: readonly string[];
}

export interface Suite {
  /** Name on the command line. */
  readonly id: string;
  readonly title: string;
  /** Id of the pipeline to which the suite belongs. */
  readonly pipeline: string;
  /** In the order of the first round. A scenario may depend on caches left by an earlier one. */
  readonly scenarios: readonly SuiteScenario[];
  /** Bundle to start instead of the pipeline: it repeats a part of the pipeline's work. */
  readonly module?: string;
}

const profiles = ['dev', 'ci', 'enterprise'] as const;
const categories = ['workspace', 'build', 'tests', 'generation', 'safety'] as const;

const microBenchmark = (part: string): Pick<Suite, 'pipeline' | 'module' | 'scenarios'> => ({
  pipeline: 'validation',
  module: 'micro-benchmark',
  scenarios: [{ name: part, args: ['--of', part] }],
});

export const suites: readonly Suite[] = [
  {
    id: 'detection',
    title: 'Function-call detection: cold, no change, one file changed',
    pipeline: 'detection',
    scenarios: [
      { name: 'cold', cold: true },
      { name: 'no change' },
      { name: 'one file changed', args: ['--changed', '1'] },
    ],
  },
  {
    id: 'validation',
    title: 'Validation: each profile',
    pipeline: 'validation',
    scenarios: profiles.map((profile) => ({ name: profile, args: ['--profile', profile] })),
  },
  {
    id: 'validation:checks',
    title: 'Validation: checks by category',
    pipeline: 'validation',
    scenarios: categories.map((category) => ({
      name: category,
      args: ['--profile', 'enterprise', '--category', category, '--budget', 'off'],
    })),
  },
  { id: 'validation:report', title: 'Validation: report of 60 checks, Markdown and JSON', ...microBenchmark('report') },
  { id: 'validation:evidence', title: 'Validation: bundle of 50 × 1 KB, hashed', ...microBenchmark('evidence') },
  { id: 'validation:metrics', title: 'Validation: metrics of 100 checks', ...microBenchmark('metrics') },
  {
    id: 'validation:parallelism',
    title: 'Validation: serial, auto and 4 lanes',
    pipeline: 'validation',
    scenarios: ['serial', 'auto', '4'].map((lanes) => ({
      name: lanes,
      args: ['--profile', 'ci', '--parallel', lanes, '--budget', 'off'],
    })),
  },
];

/** Suites that benchmark only a part of a pipeline. */
export const partialSuites = suites.filter(({ id, pipeline }) => id !== pipeline);

export interface SuiteOptions {
  readonly dist: string;
  readonly workspace: string;
  readonly data: string;
}

/** Describes how to start one run of a suite's scenario. */
export function launchScenario(
  suite: Suite,
  { cold = false, args = [] }: SuiteScenario,
  options: SuiteOptions,
): LaunchSpec {
  const launch = buildPipelineLaunch(requirePipeline(suite.pipeline, pipelines), { ...options, cold, args });
  if (suite.module === undefined || launch.start.kind !== 'module') return launch;
  const module = join(options.dist, 'pipelines', `${suite.module}.js`);
  return { ...launch, start: { ...launch.start, module, args } };
}

/** Returns the suite as a pipeline with its own id, so that reports of different suites are not mixed up. */
export function suitePipeline({ id, title, pipeline: pipelineId, module }: Suite): Pipeline {
  const pipeline = requirePipeline(pipelineId, pipelines);
  if (id === pipeline.id) return pipeline;
  return module === undefined
    ? { ...pipeline, id, title }
    : { id, title, description: title, components: [], throughput: [] };
}

/** Finds a suite by its id. Returns undefined for a custom pipeline. */
export function findSuite(id: string | undefined): Suite | undefined {
  return suites.find((suite) => suite.id === id);
}
