/** Parses the arguments of the detection pipeline. */
import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface DetectionOptions {
  /** Absolute path without symbolic links. */
  readonly workspace: string;
  /** Cache folder; without it, no data is kept between runs. */
  readonly cache?: string;
  /** Result file; without it, no result is written. */
  readonly result?: string;
  /** Ignores the cache. */
  readonly cold: boolean;
  /** Number of files of medium size to treat as changed, for benchmarks. */
  readonly changed: number;
  /** Stays after the run and updates the result whenever the host sends `changed`. */
  readonly stay: boolean;
}

const usage = 'Usage: detection --workspace DIR [--cache DIR] [--result FILE.jsonl] [--cold] [--changed N] [--stay]';

/** Throws an Error with a message for the user if the arguments are invalid. */
export function parseDetectionOptions(args: readonly string[]): DetectionOptions {
  const values = parseValues(args);
  if (!values.workspace) throw new Error(`--workspace is required. ${usage}`);
  return {
    workspace: resolveFolder(values.workspace),
    cold: values.cold ?? false,
    changed: parseCount(values.changed ?? '0'),
    stay: values.stay ?? false,
    ...(values.cache ? { cache: resolve(values.cache) } : {}),
    ...(values.result ? { result: resolve(values.result) } : {}),
  };
}

interface Values {
  readonly workspace?: string;
  readonly cache?: string;
  readonly result?: string;
  readonly cold?: boolean;
  readonly changed?: string;
  readonly stay?: boolean;
}

function parseValues(args: readonly string[]): Values {
  const text = { type: 'string' } as const;
  try {
    const flag = { type: 'boolean' } as const;
    const options = { workspace: text, cache: text, result: text, cold: flag, changed: text, stay: flag } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message} ${usage}`);
  }
}

function parseCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 0) return count;
  throw new Error(`--changed must be a whole number ≥ 0 (got "${text}"). ${usage}`);
}

function resolveFolder(path: string): string {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
  if (!isFolder) throw new Error(`${path} is not a folder. Specify the workspace folder with --workspace.`);
  return realpathSync(path);
}
