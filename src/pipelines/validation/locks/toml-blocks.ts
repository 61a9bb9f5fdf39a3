/** Parses a TOML lock file package by package, so that a large one does not block the event loop. */
import { parse } from 'smol-toml';
import { yieldToLoop } from '../../../process/yield-to-loop.ts';

interface TomlBlock {
  readonly line: number;
  readonly value: Readonly<Record<string, unknown>>;
}

interface TomlBlocks {
  /** Content before and after the packages. */
  readonly rest: Readonly<Record<string, unknown>>;
  readonly packages: readonly TomlBlock[];
}

/** Number of packages between two yields to the event loop. */
const packagesPerYield = 100;

/** Splits a text at its `[[package]]` tables; each includes its sub-tables. */
export async function parseTomlBlocks(text: string): Promise<TomlBlocks> {
  // The added line break makes the split work for a package at the very start.
  const [head = '', ...parts] = `\n${text.replaceAll('\r\n', '\n')}`.split(/^(?=\[\[packages?\]\]\s*$)/m);
  let rest: Record<string, unknown> = { ...parse(head) };
  let line = linesIn(head);
  const packages: TomlBlock[] = [];
  for (const part of parts) {
    if (packages.length % packagesPerYield === packagesPerYield - 1) await yieldToLoop();
    const { package: singular, packages: plural, ...others } = parse(part);
    const value = Array.isArray(singular) ? singular[0] : Array.isArray(plural) ? plural[0] : undefined;
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

/** Returns the hashes of a package's files. */
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
