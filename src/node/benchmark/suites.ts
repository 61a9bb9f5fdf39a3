/** What can be benchmarked by name: each built-in pipeline in its cases, and parts of the validation. A row adds one. */
import { join } from 'node:path';
import { type LaunchSpec, launchOf, type Pipeline, pipelineOf, pipelines } from '../run/launch-spec.ts';

export interface SuiteCase {
  readonly name: string;
  /** Nothing that earlier runs left is used. */
  readonly cold?: boolean;
  /** What the pipeline takes besides. */
  readonly args?: readonly string[];
}

export interface Suite {
  /** As it is typed. */
  readonly id: string;
  readonly title: string;
  /** The pipeline that it is of. */
  readonly pipeline: string;
  /** In the order of the first round: one may need what an earlier one leaves. */
  readonly cases: readonly SuiteCase[];
  /** Started in place of the pipeline: it makes a part of what that makes, again and again. */
  readonly module?: string;
}

const profiles = ['dev', 'ci', 'enterprise'] as const;
const parts = ['workspace', 'build', 'tests', 'generation', 'safety'] as const;
const exercise = (of: string): Pick<Suite, 'pipeline' | 'module' | 'cases'> => ({
  pipeline: 'validation',
  module: 'exercise',
  cases: [{ name: of, args: ['--of', of] }],
});

/** Of the validation those that the seed names (spec S0-47). */
export const suites: readonly Suite[] = [
  {
    id: 'detection',
    title: 'Function-call detection: cold, no change, one file changed',
    pipeline: 'detection',
    cases: [
      { name: 'cold', cold: true },
      { name: 'no change' },
      { name: 'one file changed', args: ['--changed', '1'] },
    ],
  },
  {
    id: 'validation',
    title: 'Validation: each profile',
    pipeline: 'validation',
    cases: profiles.map((profile) => ({ name: profile, args: ['--profile', profile] })),
  },
  {
    id: 'validation:checks',
    title: 'Validation: checks by category',
    pipeline: 'validation',
    cases: parts.map((category) => ({
      name: category,
      args: ['--profile', 'enterprise', '--category', category, '--budget', 'off'],
    })),
  },
  { id: 'validation:report', title: 'Validation: report of 52 checks, Markdown and JSON', ...exercise('report') },
  { id: 'validation:evidence', title: 'Validation: bundle of 50 × 1 KB, hashed', ...exercise('evidence') },
  { id: 'validation:metrics', title: 'Validation: metrics of 100 checks', ...exercise('metrics') },
  {
    id: 'validation:parallelism',
    title: 'Validation: serial, auto and 4 lanes',
    pipeline: 'validation',
    cases: ['serial', 'auto', '4'].map((lanes) => ({
      name: lanes,
      args: ['--profile', 'ci', '--parallel', lanes, '--budget', 'off'],
    })),
  },
];

export interface SuiteOptions {
  readonly dist: string;
  readonly workspace: string;
  readonly data: string;
}

/** How one case of a suite is started. */
export function launchOfCase(suite: Suite, { cold = false, args = [] }: SuiteCase, options: SuiteOptions): LaunchSpec {
  const launch = launchOf(pipelineOf(suite.pipeline, pipelines), { ...options, cold, args });
  if (suite.module === undefined || launch.start.kind !== 'module') return launch;
  const module = join(options.dist, 'pipelines', `${suite.module}.js`);
  return { ...launch, start: { ...launch.start, module, args } };
}

/** The suite as a pipeline: its reports are told apart from those of its pipeline's other suites. */
export function benchmarked({ id, title, pipeline, module }: Suite): Pipeline {
  const own = pipelineOf(pipeline, pipelines);
  if (id === own.id) return own;
  return module === undefined
    ? { ...own, id, title }
    : { id, title, description: title, components: [], throughput: [] };
}

/** The suite of an id; nothing for a pipeline of a person's own. */
export function suiteOf(id: string | undefined): Suite | undefined {
  return suites.find((suite) => suite.id === id);
}
