/** Command-line options of the validation pipeline. */
import { realpathSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { defined } from '../../../protocol/defined.ts';
import type { Parallel } from '../../../protocol/validation/custom-validation.ts';
import { ConfigurationError } from './configuration-error.ts';

export interface ValidationOptions {
  /** Absolute path with symbolic links resolved. */
  readonly workspace: string;
  readonly profile: string;
  /** Folder for caches. If undefined, a run starts without cached data and saves none. */
  readonly cache?: string;
  /** Folder of the facts that the detection pipeline has cached. */
  readonly facts?: string;
  /** JSON file to write the validation to. */
  readonly result?: string;
  /** Folder to write the bundle to. */
  readonly out?: string;
  /** Parent folder of bundles; each run writes to a new subfolder named by its start time. */
  readonly bundles?: string;
  /** Overrides the number of lanes in the profile. */
  readonly parallel?: Parallel;
  /** Overrides the time budget of the profile. */
  readonly budgetMs?: number;
  /** Runs only the checks of this category, to measure them. */
  readonly category?: string;
  /** Default for `renormalizeWeights` of the workspace: distribute the weights of categories that were not evaluated. */
  readonly renormalize: boolean;
  /** Git ref to compare with. */
  readonly base?: string;
  /** Ignores cached data. */
  readonly cold: boolean;
}

const stringFlag = { type: 'string' } as const;
const flags = {
  workspace: stringFlag,
  profile: stringFlag,
  cache: stringFlag,
  facts: stringFlag,
  result: stringFlag,
  out: stringFlag,
  bundles: stringFlag,
  parallel: stringFlag,
  budget: stringFlag,
  category: stringFlag,
  base: stringFlag,
  'no-renormalize': { type: 'boolean' },
  cold: { type: 'boolean' },
} as const;

const usage =
  'Usage: validation --workspace DIR --profile NAME [--parallel auto|serial|N] [--budget MS|off] [--base REF] [--category ID] [--out DIR | --bundles DIR] [--no-renormalize] [--result FILE] [--cache DIR] [--facts DIR] [--cold]';

/** Throws a ConfigurationError if an option is invalid. */
export function parseOptions(args: readonly string[]): ValidationOptions {
  const { 'no-renormalize': isRaw = false, ...values } = parseFlags(args);
  const { workspace, profile = 'dev', parallel, budget, base, category, cold = false, ...folders } = values;
  if (!workspace) throw new ConfigurationError(`--workspace is missing. ${usage}`);
  return {
    workspace: resolveWorkspace(workspace),
    profile,
    cold,
    renormalize: !isRaw,
    ...resolvePaths(folders),
    ...(parallel === undefined ? {} : { parallel: parseParallel(parallel) }),
    ...(budget === undefined ? {} : { budgetMs: parseBudget(budget) }),
    ...defined({ base, category }),
  };
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags }).values;
  } catch (error) {
    throw new ConfigurationError(`${(error as Error).message} ${usage}`);
  }
}

function resolveWorkspace(path: string): string {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
  if (!isFolder) throw new ConfigurationError(`The workspace folder ${path} does not exist.`);
  return realpathSync(path);
}

type Folders = Pick<ValidationOptions, 'cache' | 'facts' | 'result' | 'out' | 'bundles'>;

/** Makes paths absolute. Facts of the detection pipeline default to a subfolder of the cache. */
function resolvePaths(paths: Folders): Folders {
  const entries = Object.entries(paths).map(([name, path]) => [name, resolve(path)] as const);
  const { cache, facts, ...others }: Folders = Object.fromEntries(entries);
  if (cache === undefined) return { ...others, ...defined({ facts }) };
  return { ...others, cache, facts: facts ?? join(cache, 'facts') };
}

function parseParallel(text: string): Parallel {
  if (text === 'auto' || text === 'serial') return text;
  const lanes = Number(text);
  if (Number.isInteger(lanes) && lanes >= 1 && lanes <= 64) return lanes;
  throw new ConfigurationError(`--parallel must be auto, serial or a number from 1 to 64 (got "${text}").`);
}

/** Returns milliseconds, or infinity for `off`. */
function parseBudget(text: string): number {
  if (text === 'off') return Number.POSITIVE_INFINITY;
  const ms = Number(text);
  if (Number.isFinite(ms) && ms > 0) return ms;
  throw new ConfigurationError(`--budget must be a number of milliseconds or off (got "${text}").`);
}
