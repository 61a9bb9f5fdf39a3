/** The environment of what we start: the host's own, extended by what leads guests to us, never replaced. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Wishes } from '../../protocol/control.ts';
import { ipcVariable, runVariable, wishesVariable } from '../../protocol/environment-variables.ts';

/** Variables of an editor's own process that would make Node behave differently in a child. */
const editorsOwn = ['ELECTRON_RUN_AS_NODE', 'VSCODE_INSPECTOR_OPTIONS', 'VSCODE_ESM_ENTRYPOINT', 'VSCODE_IPC_HOOK'];

function without(env: NodeJS.ProcessEnv, names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}

/** Of a built-in pipeline. */
export function pipelineEnvironment(runId: string, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...nodeEnvironment(env), [ipcVariable]: '1', [runVariable]: runId };
}

/** Of a built-in pipeline whose probe shall not know of us. */
export function bareEnvironment(runId: string, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...without(nodeEnvironment(env), [ipcVariable]), [runVariable]: runId };
}

/** Of a Node process of our own: nothing that the host's options would change in it. */
function nodeEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...without(env, [...editorsOwn, 'NODE_OPTIONS']),
    ...(process.versions['electron'] ? { ELECTRON_RUN_AS_NODE: '1' } : {}),
  };
}

/** Of the keeper of a run, which must not bear the name of the run: it would be ended with it. */
export function keeperEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return without(nodeEnvironment(env), [runVariable]);
}

export interface GuestOptions {
  readonly runId: string;
  /** Folder of the built bundles, where the probes lie. */
  readonly dist: string;
  readonly wishes: Wishes;
  /** What the listener wants known. */
  readonly listener: Readonly<Record<string, string>>;
}

/**
 * Of any program: the probes are loaded by what its runtimes read at their start (`NODE_OPTIONS`, `PYTHONPATH`), each
 * extended. A probe that is not part of this installation is not named.
 */
export function guestEnvironment(options: GuestOptions, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const preload = join(options.dist, 'preload.cjs');
  const python = join(options.dist, 'python');
  return {
    ...without(env, editorsOwn),
    ...options.listener,
    [runVariable]: options.runId,
    [wishesVariable]: JSON.stringify(options.wishes),
    ...(existsSync(preload) ? { NODE_OPTIONS: joined(env['NODE_OPTIONS'], `--require ${quoted(preload)}`, ' ') } : {}),
    ...(existsSync(python) ? { PYTHONPATH: joined(python, env['PYTHONPATH'], delimiter) } : {}),
  };
}

/** Node splits its options at blanks unless they are quoted, and reads a backslash as an escape (Node's CLI reference). */
function quoted(path: string): string {
  return `"${path.replace(/[\\"]/g, '\\$&')}"`;
}

function joined(first: string | undefined, second: string | undefined, between: string): string {
  return [first, second].filter(Boolean).join(between);
}
