/** Writes the result: one JSON line for each definition, call and error, by file and then by place. */
import { createWriteStream, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DefinitionForm, FileError } from './facts.ts';
import type { Resolution } from './resolve/resolve.ts';
import type { Unit } from './resolve/unit.ts';

/** Names for types and object literals lead further, but nobody calls them. */
const silent: ReadonlySet<DefinitionForm> = new Set<DefinitionForm>(['object', 'alias']);

/** All lines of one file. */
export function linesOf(unit: Unit, resolutions: readonly Resolution[]): string {
  const { definitions, calls, callees } = unit.facts;
  const lines: [start: number, line: string][] = [];
  const file = JSON.stringify(unit.name);
  for (const [index, { form, name, start, end, line, endLine }] of definitions.entries()) {
    if (silent.has(form)) continue;
    const place = `"line":${line},"endLine":${endLine},"start":${start},"end":${end}`;
    const crumb = JSON.stringify(unit.breadcrumb(index));
    const names = `"name":${JSON.stringify(name)},"breadcrumb":${crumb},"form":"${form}"`;
    lines.push([start, `{"kind":"definition","file":${file},${place},${names}}\n`]);
  }
  for (const [index, [start, end, line, column, , callee, form]] of calls.entries()) {
    const { tier, target } = resolutions[index] as Resolution;
    const place = `"line":${line},"column":${column},"start":${start},"end":${end}`;
    const reached = target === undefined ? '' : `,"target":${JSON.stringify(target)}`;
    const names = `"callee":${JSON.stringify(callees[callee])}${reached},"tier":"${tier}","form":"${form}"`;
    lines.push([start, `{"kind":"call","file":${file},${place},${names}}\n`]);
  }
  return lines
    .sort((a, b) => a[0] - b[0])
    .map(([, line]) => line)
    .join('');
}

export function errorLine(file: string, { type, message }: FileError): string {
  return `${JSON.stringify({ kind: 'error', file, type, message })}\n`;
}

/** Writes text to a file that appears under its name only when it is whole. */
export async function writeResult(path: string, texts: AsyncIterable<string> | Iterable<string>): Promise<void> {
  const draft = `${path}.${process.pid}`;
  mkdirSync(dirname(path), { recursive: true });
  try {
    await pipeline(Readable.from(texts), createWriteStream(draft));
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new Error(`The result cannot be written to ${path}: ${(error as Error).message}.`);
  }
}
