/** Writes the result: one JSON line for each definition, call and error, by file and then by place. */
import { createWriteStream, mkdirSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DefinitionForm, FileError } from './extract/facts.ts';
import type { Resolution } from './resolve/resolve.ts';
import type { Unit } from './resolve/unit.ts';

/** Names for types and object literals lead further, but nobody calls them. */
const silent: ReadonlySet<DefinitionForm> = new Set<DefinitionForm>(['object', 'alias']);

/** All lines of one file: definitions and calls by their start. */
export function linesOf(unit: Unit, resolutions: readonly Resolution[]): string {
  const { definitions, calls, callees } = unit.facts;
  const file = JSON.stringify(unit.name);
  const texts = callees.map((callee) => JSON.stringify(callee));
  const places = definitions.map((_, index) => index).filter((index) => !silent.has(unit.definition(index).form));
  places.sort((a, b) => unit.definition(a).start - unit.definition(b).start);
  let lines = '';
  let next = 0;
  const writeDefinitions = (before: number): void => {
    for (; next < places.length; next++) {
      const index = places[next] as number;
      const { form, name, start, end, line, endLine } = unit.definition(index);
      if (start > before) return;
      const place = `"line":${line},"endLine":${endLine},"start":${start},"end":${end}`;
      const names = `"name":${JSON.stringify(name)},"breadcrumb":${JSON.stringify(unit.breadcrumb(index))}`;
      lines += `{"kind":"definition","file":${file},${place},${names},"form":"${form}"}\n`;
    }
  };
  for (const [index, [start, end, line, column, , callee, form]] of calls.entries()) {
    writeDefinitions(start);
    const { tier, target } = resolutions[index] as Resolution;
    const place = `"line":${line},"column":${column},"start":${start},"end":${end}`;
    const reached = target === undefined ? '' : `,"target":${JSON.stringify(target)}`;
    lines += `{"kind":"call","file":${file},${place},"callee":${texts[callee]}${reached},"tier":"${tier}","form":"${form}"}\n`;
  }
  writeDefinitions(Number.POSITIVE_INFINITY);
  return lines;
}

export function errorLine(file: string, { type, message }: FileError): string {
  return `${JSON.stringify({ kind: 'error', file, type, message })}\n`;
}

/** Writes a file that appears under its name only when it is whole. */
export async function writeResult(path: string, pieces: Iterable<Buffer>): Promise<void> {
  const draft = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    await pipeline(Readable.from(pieces), createWriteStream(draft));
    renameSync(draft, path);
  } catch (error) {
    // Where there is no draft there is nothing to take away.
    await rm(draft, { force: true }).catch(() => {});
    throw new Error(`The result cannot be written to ${path}: ${(error as Error).message}.`);
  }
}
