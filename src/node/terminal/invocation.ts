/** What was typed: the words and options of one call of the command, read strictly. */
import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { HumanError, messageOf } from '../../core/human-error.ts';
import { pipelinesIn } from '../config/config.ts';
import { type Pipeline, pipelineOf } from '../run/launch-spec.ts';
import { dataOf } from '../storage/data-folder.ts';
import type { Output } from './screen.ts';

/** What the command answers to its caller: documented, and never anything else. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, incomplete: 3 } as const;

const flags = {
  workspace: { type: 'string' },
  snapshot: { type: 'string' },
  result: { type: 'string' },
  data: { type: 'string' },
  runs: { type: 'string' },
  warmup: { type: 'string' },
  exact: { type: 'string', multiple: true },
  sampling: { type: 'string' },
  progress: { type: 'boolean' },
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
  readonly words: readonly string[];
  /** What stood behind `--`: a command of the person's own. */
  readonly command: readonly string[];
  readonly options: Options;
  /** Folder of the built bundles. */
  readonly dist: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted when the person interrupts. */
  readonly signal: AbortSignal;
  /** Takes the signals that would interrupt us, instead of `signal`. */
  readonly onSignal: (listener: (name: NodeJS.Signals) => void) => void;
}

/** A mistake in the call itself. */
export class UsageError extends HumanError {}

/** Reads arguments; throws a UsageError that names what was wrong. */
export function read(args: readonly string[]): Pick<Invocation, 'words' | 'command' | 'options'> {
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  try {
    const own = args.slice(0, end);
    const { values, positionals } = parseArgs({ args: own, options: flags, allowPositionals: true, strict: true });
    return { words: positionals, command: args.slice(end + 1), options: values };
  } catch (error) {
    throw new UsageError(`${messageOf(error).split('. ')[0]}. See pipescope --help.`);
  }
}

/** A whole number of at least `least`; throws a UsageError otherwise. */
export function wholeOf(option: string, text: string | undefined, otherwise: number, least: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= 100_000) return value;
  throw new UsageError(`--${option} wants a whole number of at least ${least}, not “${text}”.`);
}

/** Where a command works, and where it keeps what outlives it. */
export function placeOf({ options }: Pick<Invocation, 'options'>): {
  readonly workspace: string;
  readonly data: string;
} {
  const workspace = folderOf(options.workspace ?? '.');
  return { workspace, data: options.data === undefined ? dataOf(workspace) : resolve(options.data) };
}

/** What a command works on: the pipeline that the first word names, or one of `others`, on a place. */
export function subjectOf(
  invocation: Pick<Invocation, 'words' | 'options'>,
  others: readonly Pipeline[] = [],
): ReturnType<typeof placeOf> & { readonly pipeline: Pipeline } {
  try {
    const place = placeOf(invocation);
    return { ...place, pipeline: pipelineOf(invocation.words[0], [...pipelinesIn(place.workspace), ...others]) };
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function folderOf(path: string): string {
  const folder = resolve(path);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`${folder} is no folder. Name the workspace with --workspace.`);
  }
  return realpathSync(folder);
}
