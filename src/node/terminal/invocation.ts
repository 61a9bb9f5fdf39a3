/** What was typed: the words and options of one call of the command, read strictly. */
import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { HumanError, messageOf } from '../../core/error.ts';
import { dataOf } from '../data.ts';
import { type Pipeline, pipelineOf } from '../launch.ts';
import type { Output } from './screen.ts';

/** What the command answers to its caller: documented, and never anything else. */
export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

const flags = {
  workspace: { type: 'string' },
  snapshot: { type: 'string' },
  result: { type: 'string' },
  data: { type: 'string' },
  runs: { type: 'string' },
  warmup: { type: 'string' },
  save: { type: 'string' },
  against: { type: 'string' },
  json: { type: 'boolean' },
  cold: { type: 'boolean' },
  verbose: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

type Values<F> = { readonly [K in keyof F]?: F[K] extends { readonly type: 'boolean' } ? boolean : string };
export type Options = Values<typeof flags>;

export interface Invocation {
  readonly words: readonly string[];
  readonly options: Options;
  /** Folder of the built bundles. */
  readonly dist: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted when the person interrupts. */
  readonly signal: AbortSignal;
}

/** A mistake in the call itself. */
export class UsageError extends HumanError {}

/** Reads arguments; throws a UsageError that names what was wrong. */
export function read(args: readonly string[]): { readonly words: readonly string[]; readonly options: Options } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: flags,
      allowPositionals: true,
      strict: true,
    });
    return { words: positionals, options: values };
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

/** What a command works on: the pipeline that the first word names, the workspace, and where things are kept. */
export function subjectOf({ words, options }: Pick<Invocation, 'words' | 'options'>): {
  readonly pipeline: Pipeline;
  readonly workspace: string;
  readonly data: string;
} {
  const workspace = folderOf(options.workspace ?? '.');
  const data = options.data === undefined ? dataOf(workspace) : resolve(options.data);
  try {
    return { pipeline: pipelineOf(words[0]), workspace, data };
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
