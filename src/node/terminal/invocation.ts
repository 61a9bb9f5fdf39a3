/** Parses one call of the `pipescope` command. Unknown options are errors. */
import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { HumanError, messageOf } from '../../core/human-error.ts';
import { dataFolderOf } from '../storage/data-folder.ts';
import type { Output } from './output/screen.ts';

/** The documented exit codes of the command. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, incomplete: 3 } as const;

const maxWholeNumber = 100_000;

export const flags = {
  workspace: { type: 'string' },
  snapshot: { type: 'string' },
  result: { type: 'string' },
  data: { type: 'string' },
  runs: { type: 'string' },
  warmup: { type: 'string' },
  exact: { type: 'string', multiple: true },
  sampling: { type: 'string' },
  progress: { type: 'boolean' },
  summary: { type: 'boolean' },
  'no-summary': { type: 'boolean' },
  port: { type: 'string' },
  token: { type: 'boolean' },
  save: { type: 'string' },
  against: { type: 'string' },
  format: { type: 'string' },
  'fail-on': { type: 'string' },
  prepare: { type: 'string' },
  install: { type: 'string' },
  noise: { type: 'boolean' },
  'ignore-failure': { type: 'boolean' },
  profile: { type: 'string' },
  duration: { type: 'string' },
  parallel: { type: 'string' },
  budget: { type: 'string' },
  base: { type: 'string' },
  out: { type: 'string' },
  json: { type: 'boolean' },
  cold: { type: 'boolean' },
  verbose: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

type Value<F> = F extends { readonly type: 'boolean' }
  ? boolean
  : F extends { readonly multiple: true }
    ? string[]
    : string;
type Values<F> = { readonly [K in keyof F]?: Value<F[K]> };
export type Options = Values<typeof flags>;

export interface Invocation {
  readonly positionals: readonly string[];
  /** Arguments after `--`: the user's program and its arguments. */
  readonly command: readonly string[];
  readonly options: Options;
  /** Folder of the built bundles. */
  readonly dist: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted when the user interrupts the command. */
  readonly signal: AbortSignal;
  /** Handles interrupting signals in `listener` instead of aborting `signal`. */
  readonly onSignal: (listener: (name: NodeJS.Signals) => void) => void;
}

/** Invalid arguments; the command ends with `exitCodes.usage`. */
export class UsageError extends HumanError {}

/** Parses the arguments. Throws a UsageError if they are invalid. */
export function parseInvocation(args: readonly string[]): Pick<Invocation, 'positionals' | 'command' | 'options'> {
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const command = args.slice(end + 1);
  const { values: options, positionals } = parseOptions(args.slice(0, end));
  for (const [name, value] of Object.entries(options)) {
    if ([value].flat().includes('')) throw new UsageError(`--${name} needs a value. See pipescope --help.`);
  }
  if (positionals.includes('')) throw new UsageError('An argument is empty. See pipescope --help.');
  if (end < args.length && !command[0]) throw new UsageError('The command after -- is empty. Enter a program.');
  return { positionals, command, options };
}

function parseOptions(args: readonly string[]): { readonly values: Options; readonly positionals: readonly string[] } {
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(`${messageOf(error).split('. ')[0]}. See pipescope --help.`);
  }
}

/** Parses the value of a numeric option. Throws a UsageError if it is not a whole number in range. */
export function parseWholeNumber(
  option: string,
  text: string | undefined,
  { fallback, min }: { readonly fallback: number; readonly min: number },
): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= maxWholeNumber) return value;
  throw new UsageError(`--${option} must be a whole number from ${min} to ${maxWholeNumber} (got “${text}”).`);
}

export interface RunFolders {
  readonly workspace: string;
  /** Folder for caches, history and baselines. */
  readonly data: string;
}

/** Resolves the folders of a command. Throws a UsageError if the workspace is not a folder. */
export function foldersOf({ options }: Pick<Invocation, 'options'>): RunFolders {
  const workspace = resolveFolder(options.workspace ?? '.');
  return { workspace, data: options.data === undefined ? dataFolderOf(workspace) : resolve(options.data) };
}

/** Throws a UsageError if the user named a pipeline in addition to a command after `--`. */
export function assertNoPipeline({ positionals: [first] }: Pick<Invocation, 'positionals'>): void {
  if (first === undefined) return;
  throw new UsageError(`Specify either a pipeline or a command after --, not both (got “${first}”).`);
}

function resolveFolder(path: string): string {
  const folder = resolve(path);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`${folder} is not a folder. Specify the workspace folder with --workspace.`);
  }
  return realpathSync(folder);
}
