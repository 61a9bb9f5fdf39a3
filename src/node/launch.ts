/** What can be started and how: the two built-in pipelines as rows of a table. */
import { join } from 'node:path';
import { HumanError } from '../core/error.ts';

export interface Pipeline {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Named in the order in which work flows through them. */
  readonly components: readonly string[];
  /** The operation that handles one item: its latency is shown as the pipeline's. */
  readonly unit: { readonly component: string; readonly operation: string; readonly noun: string };
  /** Counters whose rates are the pipeline's throughput. */
  readonly throughput: readonly { readonly component: string; readonly counter: string }[];
  /** By component: the hit ratio of a cache that works well, where it is not the general threshold. */
  readonly minHitRatios?: Readonly<Record<string, number>>;
}

export const pipelines: readonly Pipeline[] = [
  {
    id: 'detection',
    title: 'Function-call detection',
    description: 'Finds every function call of the workspace and the definition that it reaches.',
    components: [
      'file_discovery',
      'incremental_detection',
      'tree_sitter_manager',
      'concurrent_extractor',
      'breadcrumb_cache',
    ],
    unit: { component: 'concurrent_extractor', operation: 'extract_file', noun: 'files' },
    throughput: [
      { component: 'concurrent_extractor', counter: 'calls' },
      { component: 'concurrent_extractor', counter: 'files' },
    ],
    // Within one run few names are called twice in the same function: 15 to 40 % is what real trees give.
    minHitRatios: { breadcrumb_cache: 0.1 },
  },
];

/** The pipeline of this id; throws a HumanError that names those there are. */
export function pipelineOf(id: string | undefined): Pipeline {
  const known = pipelines.find((pipeline) => pipeline.id === id);
  if (known) return known;
  const names = pipelines.map((pipeline) => pipeline.id).join(', ');
  throw new HumanError(
    id ? `There is no pipeline “${id}”. There are: ${names}.` : `Which pipeline? There are: ${names}.`,
  );
}

/** One run to be started: a module of ours, with its arguments. */
export interface Launch {
  readonly pipeline: Pipeline;
  /** Absolute path of the module to fork. */
  readonly module: string;
  readonly args: readonly string[];
  readonly workspace: string;
}

export interface LaunchOptions {
  /** Folder of the built bundles. */
  readonly dist: string;
  readonly workspace: string;
  /** Folder for what is kept between runs. */
  readonly data: string;
  /** Where the pipeline writes its result, if anywhere. */
  readonly result?: string;
  /** Forget what is kept between runs. */
  readonly cold?: boolean;
}

/** How a built-in pipeline is started on a workspace. */
export function launchOf(pipeline: Pipeline, options: LaunchOptions): Launch {
  return {
    pipeline,
    module: join(options.dist, 'pipelines', `${pipeline.id}.js`),
    args: [
      '--workspace',
      options.workspace,
      '--cache',
      join(options.data, pipeline.id),
      ...(options.result ? ['--result', options.result] : []),
      ...(options.cold ? ['--cold'] : []),
    ],
    workspace: options.workspace,
  };
}
