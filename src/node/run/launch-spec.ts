/** Describes runs to be started: a built-in pipeline, a command, or a run that waits for programs to connect. */
import { basename, join, resolve } from 'node:path';
import { defined } from '../../protocol/defined.ts';
import type { Pipeline, Program } from './pipelines.ts';

/** A built-in pipeline, which communicates over its IPC channel. */
export interface ModuleStart {
  readonly kind: 'module';
  /** Absolute path of the module to fork. */
  readonly module: string;
  readonly args: readonly string[];
  /** Runs the pipeline without measuring it. */
  readonly noProbe?: boolean;
}

/** Any program. A probe in it reports over a socket; its process tree is always measured from outside. */
export interface CommandStart {
  readonly kind: 'command';
  readonly command: string;
  readonly args: readonly string[];
  /** Variables added to the host's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Starts the program without a probe, so that it is measured only from outside. */
  readonly noProbe?: boolean;
  /** `inherit` connects the program to the host's own terminal. */
  readonly stdio: 'pipe' | 'inherit';
}

/** Receives the environment variables with which programs report to a run that waits for them, and its pipeline id. */
export type EnvironmentListener = (variables: NodeJS.ProcessEnv, pipeline: string) => void;

/** Starts no program. Programs with the right environment report to the run until it is stopped. */
export interface ListenStart {
  readonly kind: 'listen';
  readonly onEnvironment: (variables: NodeJS.ProcessEnv) => void;
  /**
   * Port of an OpenTelemetry receiver without a token, for programs with a configured endpoint. By default, a free port
   * is used and a token is required.
   */
  readonly port?: number;
}

/** Samples a program that already runs until the run is stopped, or the program ends. */
export interface AttachStart {
  readonly kind: 'attach';
  readonly pid: number;
}

/** One run to be started. */
export interface LaunchSpec {
  readonly pipeline: Pipeline;
  readonly workspace: string;
  /** Working folder; the workspace by default. */
  readonly cwd?: string;
  /** Samples Node with V8's profiler, which costs more but names every line. Without it, the default sampler is used. */
  readonly sampling?: 'fine';
  readonly start: ModuleStart | CommandStart | ListenStart | AttachStart;
}

export interface PipelineLaunchOptions {
  /** Folder of the built bundles. */
  readonly dist: string;
  readonly workspace: string;
  /** Folder for data that is kept between runs. */
  readonly data: string;
  /** File to which the pipeline writes its result. */
  readonly result?: string;
  /** Discards data of earlier runs. */
  readonly cold?: boolean;
  /** Additional arguments. */
  readonly args?: readonly string[];
}

/** Describes how a pipeline is started in a workspace. */
export function buildPipelineLaunch(pipeline: Pipeline, options: PipelineLaunchOptions): LaunchSpec {
  if (pipeline.program) return buildProgramLaunch(pipeline, pipeline.program, options.workspace);
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

function buildProgramLaunch(pipeline: Pipeline, { cwd, ...program }: Program, workspace: string): LaunchSpec {
  return {
    pipeline,
    workspace,
    cwd: resolve(workspace, cwd ?? '.'),
    start: { kind: 'command', ...program, stdio: 'pipe' },
  };
}

const maxTitleLength = 80;

/** Describes how any command is started. Its components are those that its probes name. */
export function buildCommandLaunch(
  argv: readonly [string, ...string[]],
  options: { readonly workspace: string; readonly cwd?: string; readonly name?: string } & Pick<
    CommandStart,
    'stdio' | 'env'
  >,
): LaunchSpec {
  const [command, ...args] = argv;
  const name = options.name ?? [basename(command), ...args].join(' ').slice(0, maxTitleLength);
  return {
    pipeline: { id: name, title: name, description: argv.join(' '), components: [], throughput: [] },
    workspace: options.workspace,
    ...defined({ cwd: options.cwd }),
    start: { kind: 'command', command, args, stdio: options.stdio, ...defined({ env: options.env }) },
  };
}

/** Describes how a program is sampled that already runs. */
export function buildAttachLaunch(pid: number, name: string, workspace: string): LaunchSpec {
  const title = `${name} (process ${pid})`.slice(0, maxTitleLength);
  return {
    pipeline: { id: title, title, description: title, components: [], throughput: [] },
    workspace,
    start: { kind: 'attach', pid },
  };
}

/**
 * Returns whether a keeper can run a launch. It cannot run a built-in pipeline, which needs its IPC channel to the host,
 * nor a program that shares the host's terminal.
 */
export function canOutliveHost({ start }: LaunchSpec): boolean {
  return start.kind === 'listen' || (start.kind === 'command' && start.stdio === 'pipe');
}
