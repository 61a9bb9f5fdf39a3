/** What can be started and how: the two built-in pipelines as rows of a table. */
import { basename, join, resolve } from 'node:path';
import { HumanError } from '../../core/human-error.ts';
import { defined } from '../../protocol/defined.ts';

export interface Pipeline {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Named in the order in which work flows through them. */
  readonly components: readonly string[];
  /** The operation that handles one item: its latency is shown as the pipeline's; else that of all operations. */
  readonly unit?: { readonly component: string; readonly operation: string; readonly noun: string };
  /** Counters whose rates are the pipeline's throughput. */
  readonly throughput: readonly { readonly component: string; readonly counter: string }[];
  /** By component: the hit ratio of a cache that works well, where it is not the general threshold. */
  readonly minHitRatios?: Readonly<Record<string, number>>;
  /** Pipelines whose folders it may read and add to, by the option that names each. */
  readonly reads?: Readonly<Record<string, string>>;
  /** Exit code by which it says that it cannot do what it was asked. */
  readonly refusal?: number;
  /** What is started, where it is a program of the workspace's own. */
  readonly program?: Program;
  /** Component by file pattern, relative to the workspace; the first that fits names it. */
  readonly groups?: Readonly<Record<string, string>>;
}

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** Relative to the workspace; the workspace itself where none is named. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** What a folder defines of its own; read by `config.ts`. */
export const configFile = 'pipescope.json';

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
    // How often a name is called twice in the same function is the code's matter: no ratio is a fault.
    minHitRatios: { breadcrumb_cache: 0 },
  },
  {
    id: 'validation',
    title: 'Definition of Done',
    description: 'Says whether the workspace is done: checks in eight categories, a verdict, and the evidence for it.',
    components: ['validation', 'workspace', 'build', 'tests', 'generation', 'safety'],
    unit: { component: 'validation', operation: 'dod.check.execute', noun: 'checks' },
    throughput: [{ component: 'validation', counter: 'checks' }],
    reads: { facts: 'detection' },
    refusal: 2,
  },
];

/** The pipeline of this id; throws a HumanError that names those there are. */
export function pipelineOf(id: string | undefined, known: readonly Pipeline[] = pipelines): Pipeline {
  const found = known.find((pipeline) => pipeline.id === id);
  if (found) return found;
  const names = known.map((pipeline) => pipeline.id).join(', ');
  throw new HumanError(
    id ? `There is no pipeline “${id}”. There are: ${names}.` : `Which pipeline? There are: ${names}.`,
  );
}

/** A built-in pipeline, which speaks over its IPC channel. */
export interface ModuleStart {
  readonly kind: 'module';
  /** Absolute path of the module to fork. */
  readonly module: string;
  readonly args: readonly string[];
  /** Its probe is not told of us, and measures nothing. */
  readonly bare?: boolean;
}

/** Any program, which reports over a socket if it holds a probe; its tree is measured from outside in any case. */
export interface CommandStart {
  readonly kind: 'command';
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the host's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Started as if there were no profiler: it is only looked at from outside. */
  readonly bare?: boolean;
  /** `inherit`: the program has our own input and output, as if it had been started without us. */
  readonly stdio: 'pipe' | 'inherit';
}

/** Hears what programs need in their environment to report to a run that waits for them, by the id of its pipeline. */
export type Environments = (variables: NodeJS.ProcessEnv, pipeline: string) => void;

/** Nothing is started: what finds us by these variables in its environment reports, until the run is stopped. */
export interface ListenStart {
  readonly kind: 'listen';
  readonly onEnvironment: (variables: NodeJS.ProcessEnv) => void;
  /** Where OpenTelemetry is received, without a token, for programs that send to an address of their own; else any port. */
  readonly port?: number;
}

/** One run to be started. */
export interface LaunchSpec {
  readonly pipeline: Pipeline;
  readonly workspace: string;
  /** Folder in which it starts; the workspace where none is named. */
  readonly cwd?: string;
  readonly start: ModuleStart | CommandStart | ListenStart;
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
  /** What the pipeline takes besides. */
  readonly args?: readonly string[];
}

/** How a pipeline is started on a workspace. */
export function launchOf(pipeline: Pipeline, options: LaunchOptions): LaunchSpec {
  if (pipeline.program) return programOf(pipeline, pipeline.program, options.workspace);
  return {
    pipeline,
    workspace: options.workspace,
    start: {
      kind: 'module',
      module: join(options.dist, 'pipelines', `${pipeline.id}.js`),
      args: [
        '--workspace',
        options.workspace,
        '--cache',
        join(options.data, pipeline.id),
        ...Object.entries(pipeline.reads ?? {}).flatMap(([name, id]) => [`--${name}`, join(options.data, id)]),
        ...(options.result ? ['--result', options.result] : []),
        ...(options.cold ? ['--cold'] : []),
        ...(options.args ?? []),
      ],
    },
  };
}

function programOf(pipeline: Pipeline, { cwd, ...program }: Program, workspace: string): LaunchSpec {
  return {
    pipeline,
    workspace,
    cwd: resolve(workspace, cwd ?? '.'),
    start: { kind: 'command', ...program, stdio: 'pipe' },
  };
}

/** Any program of a person's as a pipeline: its components are what its probes name. */
export function commandOf(
  words: readonly [string, ...string[]],
  options: { readonly workspace: string; readonly cwd?: string; readonly name?: string } & Pick<
    CommandStart,
    'stdio' | 'env'
  >,
): LaunchSpec {
  const [command, ...args] = words;
  const name = options.name ?? [basename(command), ...args].join(' ').slice(0, 80);
  return {
    pipeline: { id: name, title: name, description: words.join(' '), components: [], throughput: [] },
    workspace: options.workspace,
    ...defined({ cwd: options.cwd }),
    start: {
      kind: 'command',
      command,
      args,
      stdio: options.stdio,
      ...(options.env ? { env: options.env } : {}),
    },
  };
}
