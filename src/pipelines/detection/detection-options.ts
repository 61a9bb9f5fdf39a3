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
  /** Work on so many files as if they had changed, for measuring; those of middle size. */
  readonly changed: number;
}

const usage = 'Usage: detection --workspace DIR [--cache DIR] [--result FILE.jsonl] [--cold] [--changed N]';

/** Throws an error whose message is for people. */
export function optionsOf(args: readonly string[]): Options {
  const values = valuesOf(args);
  if (!values.workspace) throw new Error(`Which folder? ${usage}`);
  return {
    workspace: folderOf(values.workspace),
    cold: values.cold ?? false,
    changed: amountOf(values.changed ?? '0'),
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
}

function valuesOf(args: readonly string[]): Values {
  const text = { type: 'string' } as const;
  try {
    const options = { workspace: text, cache: text, result: text, cold: { type: 'boolean' }, changed: text } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new Error(`${(error as Error).message} ${usage}`);
  }
}

function amountOf(text: string): number {
  const amount = Number(text);
  if (Number.isInteger(amount) && amount >= 0) return amount;
  throw new Error(`--changed wants a whole number, not ${text}. ${usage}`);
}

function folderOf(path: string): string {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
  if (!isFolder) throw new Error(`The workspace ${path} is not a folder: name one that exists.`);
  return realpathSync(path);
}
