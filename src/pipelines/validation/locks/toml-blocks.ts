/** Reads a lock in TOML package by package, so that a large one does not hold the loop. */
import { parse } from 'smol-toml';
import { turn } from './lock.ts';

export interface Block {
  readonly line: number;
  readonly value: Readonly<Record<string, unknown>>;
}

export interface Blocks {
  /** What stands outside of the packages, before or behind them. */
  readonly rest: Readonly<Record<string, unknown>>;
  readonly packages: readonly Block[];
}

/** Packages between two turns of others. */
const stretch = 100;

/** `[[package]]` tables, each with its own sub-tables. */
export async function blocksOf(text: string): Promise<Blocks> {
  // Nothing is split off at the very start, so a line stands before it.
  const [head = '', ...parts] = `\n${text.replaceAll('\r\n', '\n')}`.split(/^(?=\[\[packages?\]\]\s*$)/m);
  let rest: Record<string, unknown> = { ...parse(head) };
  let line = linesIn(head);
  const packages: Block[] = [];
  for (const part of parts) {
    if (packages.length % stretch === stretch - 1) await turn();
    const { package: one, packages: many, ...others } = parse(part);
    const value = Array.isArray(one) ? one[0] : Array.isArray(many) ? many[0] : undefined;
    if (isTable(value)) packages.push({ line, value });
    rest = { ...rest, ...others };
    line += linesIn(part);
  }
  return { rest, packages };
}

const linesIn = (text: string): number => text.split('\n').length - 1;

export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const textIn = (table: Readonly<Record<string, unknown>>, key: string): string | undefined =>
  typeof table[key] === 'string' ? table[key] : undefined;

/** Hashes of the files of a package. */
export function hashesIn(files: unknown): string[] {
  const list = Array.isArray(files) ? files : [files];
  return list.flatMap((file) => (isTable(file) ? [hashOf(file)] : [])).filter((hash) => hash !== undefined);
}

function hashOf(file: Readonly<Record<string, unknown>>): string | undefined {
  if (!isTable(file['hashes'])) return textIn(file, 'hash');
  return Object.entries(file['hashes'])
    .map(([kind, hash]) => `${kind}:${hash}`)
    .join(' ');
}
