/**
 * Environment of the programs that checks run. It is the one that the same command would have in the developer's own shell,
 * because tools and tests change their behavior with it: a suite that compares colored output fails with `NO_COLOR`, and one
 * that starts services if `CI` is set fails without them. Therefore locale, `HOME`, `TMPDIR`, `TERM`, `CI`, `FORCE_COLOR` and
 * `NODE_ENV` are passed on as they are, and only what this process or the program that started it has added is removed.
 */
import { basename, delimiter, dirname } from 'node:path';
import { nodeOptionsVariable } from '../../../protocol/environment-variables.ts';

/** Variables of programs around this process that no shell of the developer has, with the reason for removing them. */
const foreignVariables: readonly (readonly [pattern: RegExp, reason: string])[] = [
  // The run's marker stays, so that Stop finds every process of the run.
  [/^PIPESCOPE_(?!RUN$)/, 'they connect a program to the profiler of this process'],
  [/^(?:ELECTRON_|VSCODE_(?!PORTABLE$))/, 'they belong to the editor, which removes them from its terminals too'],
  [/^NODE_CHANNEL_/, 'they name a channel that only this process has'],
  [
    /^(?:npm_(?:lifecycle_|package_|command$|execpath$|node_execpath$|config_local_prefix$)|INIT_CWD$)/,
    'they describe the npm script that started this process',
  ],
  [
    /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|PREFIX|COMMON_DIR|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|NAMESPACE|EXTERNAL_DIFF)$/,
    'a Git hook sets them, and they redirect Git to another repository',
  ],
];

/** Keeps Git from taking locks that could block the developer's Git commands, and from asking for a password. */
const gitVariables = { GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' };

/**
 * Returns the environment for a program.
 * @param bins folders of installed programs to put first on the PATH, as npm does for its scripts
 */
export function childEnvironment(
  command: string,
  bins: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const passedOn = Object.entries(environment).filter(
    ([name]) => !foreignVariables.some(([pattern]) => pattern.test(name)),
  );
  const variables = Object.fromEntries(passedOn);
  const nodeOptions = environment[nodeOptionsVariable];
  const virtual = virtualEnvironment(command);
  const folders = [...(virtual ? [dirname(command)] : []), ...bins];
  return {
    ...variables,
    ...(nodeOptions === undefined ? {} : { NODE_OPTIONS: nodeOptions }),
    ...(folders.length > 0 ? { PATH: [...folders, environment['PATH']].join(delimiter) } : {}),
    ...(virtual ? { VIRTUAL_ENV: virtual, PYTHONHOME: undefined } : {}),
    ...(/^git(?:\.exe)?$/.test(basename(command)) ? gitVariables : {}),
  };
}

/** Returns the virtual environment that a program is installed in, or undefined. The program runs as if it was activated. */
function virtualEnvironment(command: string): string | undefined {
  const folder = dirname(command);
  if (!/^(?:bin|Scripts)$/.test(basename(folder))) return undefined;
  return /^\.?venv$/.test(basename(dirname(folder))) ? dirname(folder) : undefined;
}
