/** The built-in pipelines, and the description that all pipelines share. */
import { HumanError } from '../../core/human-error.ts';

export interface Pipeline {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Component names in the order in which data flows through them. */
  readonly components: readonly string[];
  /**
   * The operation that processes one item. Its latency is shown as the pipeline's latency; without it, the latency of all
   * operations is shown.
   */
  readonly unit?: { readonly component: string; readonly operation: string; readonly noun: string };
  /** Counters whose rates are shown as the pipeline's throughput. */
  readonly throughput: readonly { readonly component: string; readonly counter: string }[];
  /** Minimum healthy cache hit ratio by component; overrides the general threshold. */
  readonly minHitRatios?: Readonly<Record<string, number>>;
  /** Ids of pipelines whose data folders this one reads and extends, by the name of the option that passes the folder. */
  readonly reads?: Readonly<Record<string, string>>;
  /** Exit code for invalid input; the last line of standard error then explains it. */
  readonly refusal?: number;
  /** Program to run, for a pipeline that the workspace defines. */
  readonly program?: Program;
  /** Component by glob pattern of files relative to the workspace; the first matching pattern applies. */
  readonly groups?: Readonly<Record<string, string>>;
}

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** Working folder, relative to the workspace; the workspace by default. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Name of the configuration file in a workspace; parsed in `config/config.ts`. */
export const configFile = 'pipescope.json';

export const pipelines: readonly Pipeline[] = [
  {
    id: 'detection',
    title: 'Function-call detection',
    description: 'Finds all function calls in the workspace and the definitions that they resolve to.',
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
    // The hit ratio depends on how often the analyzed code repeats a call, so no ratio is unhealthy.
    minHitRatios: { breadcrumb_cache: 0 },
  },
  {
    id: 'validation',
    title: 'Definition of Done',
    description: 'Checks whether the workspace is done, and reports a verdict with its evidence.',
    components: ['validation', 'workspace', 'build', 'tests', 'generation', 'safety'],
    unit: { component: 'validation', operation: 'dod.check.execute', noun: 'checks' },
    throughput: [{ component: 'validation', counter: 'checks' }],
    reads: { facts: 'detection' },
    refusal: 2,
  },
];

/** Returns the pipeline with this id. Throws a HumanError that lists the available ids if there is none. */
export function requirePipeline(id: string | undefined, available: readonly Pipeline[] = pipelines): Pipeline {
  const match = available.find((pipeline) => pipeline.id === id);
  if (match) return match;
  const ids = available.map((pipeline) => pipeline.id).join(', ');
  throw new HumanError(`${id ? `Unknown pipeline “${id}”.` : 'No pipeline specified.'} Available pipelines: ${ids}.`);
}
