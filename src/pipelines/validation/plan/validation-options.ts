/** The arguments of the pipeline. */
import { realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Parallel } from '../../../protocol/custom-validation.ts';
import { defined } from '../../../protocol/defined.ts';
import { Misconfigured } from './config-error.ts';

export interface Options {
  /** Absolute, without links. */
  readonly workspace: string;
  readonly profile: string;
  /** Folder for what is remembered between runs; without it nothing is. */
  readonly cache?: string;
  /** Folder that the detection pipeline keeps its facts in. */
  readonly facts?: string;
  /** File for the validation as JSON; without it none is written. */
  readonly result?: string;
  /** Folder for the bundle; without it none is written. */
  readonly out?: string;
  /** Folder below which each bundle gets one of its own, named by its time. */
  readonly bundles?: string;
  /** Instead of what the profile says. */
  readonly parallel?: Parallel;
  readonly budgetMs?: number;
  /** Only the checks of this category, for measuring them. */
  readonly category?: string;
  /** Where the workspace does not say: share out the weights of categories that could not be evaluated. */
  readonly renormalize: boolean;
  /** Git ref that changes are counted from. */
  readonly base?: string;
  /** Forget what was remembered. */
  readonly cold: boolean;
}

const text = { type: 'string' } as const;
const known = {
  workspace: text,
  profile: text,
  cache: text,
  facts: text,
  result: text,
  out: text,
  bundles: text,
  parallel: text,
  budget: text,
  category: text,
  base: text,
  'no-renormalize': { type: 'boolean' },
  cold: { type: 'boolean' },
} as const;

const usage =
  'Usage: validation --workspace DIR --profile NAME [--parallel auto|serial|N] [--budget MS|off] [--base REF] [--category ID] [--out DIR | --bundles DIR] [--no-renormalize] [--result FILE] [--cache DIR] [--facts DIR] [--cold]';

/** Throws an error whose message is for people. */
export function optionsOf(args: readonly string[]): Options {
  const { 'no-renormalize': raw = false, ...values } = valuesOf(args);
  const { workspace, profile = 'dev', parallel, budget, base, category, cold = false, ...folders } = values;
  if (!workspace) throw new Misconfigured(`Which folder? ${usage}`);
  return {
    workspace: folderOf(workspace),
    profile,
    cold,
    renormalize: !raw,
    ...absolute(folders),
    ...(parallel === undefined ? {} : { parallel: parallelOf(parallel) }),
    ...(budget === undefined ? {} : { budgetMs: budgetOf(budget) }),
    ...defined({ base, category }),
  };
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: known }).values;
  } catch (error) {
    throw new Misconfigured(`${(error as Error).message} ${usage}`);
  }
}

function folderOf(path: string): string {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
  if (!isFolder) throw new Misconfigured(`The workspace ${path} is not a folder: name one that exists.`);
  return realpathSync(path);
}

type Folders = Pick<Options, 'cache' | 'facts' | 'result' | 'out' | 'bundles'>;

/** Without a folder of its own, what detection knows is kept beside what is remembered here. */
function absolute(paths: Folders): Folders {
  const all = Object.entries(paths).map(([name, path]) => [name, resolve(path)] as const);
  const { cache, facts, ...others }: Folders = Object.fromEntries(all);
  if (cache === undefined) return { ...others, ...defined({ facts }) };
  return { ...others, cache, facts: facts ?? join(cache, 'facts') };
}

function parallelOf(words: string): Parallel {
  if (words === 'auto' || words === 'serial') return words;
  const lanes = Number(words);
  if (Number.isInteger(lanes) && lanes >= 1 && lanes <= 64) return lanes;
  throw new Misconfigured(`--parallel wants auto, serial or a number of lanes from 1 to 64, not “${words}”.`);
}

function budgetOf(words: string): number {
  if (words === 'off') return Number.POSITIVE_INFINITY;
  const ms = Number(words);
  if (Number.isFinite(ms) && ms > 0) return ms;
  throw new Misconfigured(`--budget wants milliseconds, or off, not “${words}”.`);
}
