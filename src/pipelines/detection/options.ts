/** The arguments of the pipeline. */
import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface Options {
  /** Absolute, without links. */
  readonly workspace: string;
  /** Folder for what is kept between runs; without it nothing is kept. */
  readonly cache?: string;
  /** File for the result; without it none is written. */
  readonly result?: string;
  /** Forget what was kept. */
  readonly cold: boolean;
}

const usage = 'Usage: detection --workspace DIR [--cache DIR] [--result FILE.jsonl] [--cold]';

/** Throws an error whose message is for people. */
export function optionsOf(args: readonly string[]): Options {
  const values = valuesOf(args);
  if (!values.workspace) throw new Error(`Which folder? ${usage}`);
  return {
    workspace: folderOf(values.workspace),
    cold: values.cold ?? false,
    ...(values.cache ? { cache: resolve(values.cache) } : {}),
    ...(values.result ? { result: resolve(values.result) } : {}),
  };
}

function valuesOf(args: readonly string[]): { workspace?: string; cache?: string; result?: string; cold?: boolean } {
  const text = { type: 'string' } as const;
  try {
    const options = { workspace: text, cache: text, result: text, cold: { type: 'boolean' } } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message} ${usage}`);
  }
}

function folderOf(path: string): string {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
  if (!isFolder) throw new Error(`The workspace ${path} is not a folder: name one that exists.`);
  return realpathSync(path);
}
