/** Builds the environments of started processes. Existing variables are extended, not replaced. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { ProbeConfig } from '../../protocol/control.ts';
import {
  ipcVariable,
  nodeOptionsVariable,
  probeConfigVariable,
  runVariable,
} from '../../protocol/environment-variables.ts';

/** Variables of the editor's own processes that would change how Node behaves in a child. */
const editorVariables = [
  'ELECTRON_RUN_AS_NODE',
  'VSCODE_INSPECTOR_OPTIONS',
  'VSCODE_ESM_ENTRYPOINT',
  'VSCODE_IPC_HOOK',
];

/** Linux starts no program with a variable of more than 128 KiB. */
const maxVariableBytes = 100_000;

/** Returns the environment of a built-in pipeline. */
export function pipelineEnvironment(runId: string, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const nodeOptions = env['NODE_OPTIONS'];
  const passedOn = nodeOptions === undefined ? {} : { [nodeOptionsVariable]: nodeOptions };
  return { ...nodeEnvironment(env), ...passedOn, [ipcVariable]: '1', [runVariable]: runId };
}

/** Returns the environment of a built-in pipeline whose probe must not measure. */
export function environmentWithoutProbe(runId: string, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...omitVariables(nodeEnvironment(env), [ipcVariable]), [runVariable]: runId };
}

/** Returns the environment of a program that is measured without a probe. */
export function programEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return omitVariables(env, editorVariables);
}

/**
 * Returns the environment of a keeper or a process timer. It lacks the run's marker, so that they are not ended with a run.
 */
export function keeperEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return omitVariables(nodeEnvironment(env), [runVariable]);
}

/** Returns the environment of one of our own Node processes, without variables that would change its behavior. */
function nodeEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...omitVariables(env, [...editorVariables, 'NODE_OPTIONS']),
    ...(process.versions['electron'] ? { ELECTRON_RUN_AS_NODE: '1' } : {}),
  };
}

export interface GuestEnvironmentOptions {
  readonly runId: string;
  /** Folder of the built bundles, which contains the probes. */
  readonly dist: string;
  readonly probeConfig: ProbeConfig;
  /** Variables with which guests find the host's endpoints. */
  readonly endpoints: Readonly<Record<string, string>>;
}

/**
 * Returns the environment of any program. `NODE_OPTIONS` and `PYTHONPATH` are extended to load the probes. Probes that are
 * missing from this installation are skipped.
 */
export function guestEnvironment(
  options: GuestEnvironmentOptions,
  env: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const preload = join(options.dist, 'preload.cjs');
  const python = join(options.dist, 'python');
  return {
    ...omitVariables(env, editorVariables),
    ...options.endpoints,
    [runVariable]: options.runId,
    [probeConfigVariable]: formatProbeConfig(options.probeConfig),
    ...(existsSync(preload)
      ? { NODE_OPTIONS: joinValues(env['NODE_OPTIONS'], `--require ${quotePath(preload)}`, ' ') }
      : {}),
    ...(existsSync(python) ? { PYTHONPATH: joinValues(python, env['PYTHONPATH'], delimiter) } : {}),
  };
}

/**
 * Leaves out the functions to time if they do not fit into a variable, because the program could not be started. The guest
 * then receives them as soon as it has connected.
 */
function formatProbeConfig(probeConfig: ProbeConfig): string {
  const text = JSON.stringify(probeConfig);
  return Buffer.byteLength(text) <= maxVariableBytes ? text : JSON.stringify({ ...probeConfig, exact: [] });
}

function omitVariables(env: NodeJS.ProcessEnv, names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}

/**
 * Quotes a path for `NODE_OPTIONS` if it must be: Node splits the text at spaces outside of quotes, and a backslash inside of
 * them escapes a character. Node before version 12 takes quotes literally.
 */
function quotePath(path: string): string {
  return /[\s"]/.test(path) ? `"${path.replace(/[\\"]/g, '\\$&')}"` : path;
}

/** Joins the values that are neither undefined nor empty. */
function joinValues(first: string | undefined, second: string | undefined, separator: string): string {
  return [first, second].filter(Boolean).join(separator);
}
