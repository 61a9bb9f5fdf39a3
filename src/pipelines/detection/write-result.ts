/** Formats and writes the result: one JSON line per definition, call and error, sorted by file and position. */
import { createWriteStream, mkdirSync, renameSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type FileError, isListed } from './extract/facts.ts';
import type { FileUnit } from './resolve/file-unit.ts';
import type { Resolution } from './resolve/resolve-call.ts';

/** Returns the lines of one file, sorted by the start of the definition or call. */
export function formatFile(unit: FileUnit, resolutions: readonly Resolution[]): string {
  const { definitions, calls, callees } = unit.facts;
  const file = JSON.stringify(unit.name);
  const calleeTexts = callees.map((callee) => JSON.stringify(callee));
  const indexes = definitions.map((_, index) => index).filter((index) => isListed(unit.definition(index)));
  indexes.sort((a, b) => unit.definition(a).start - unit.definition(b).start);
  let lines = '';
  let next = 0;
  const addDefinitions = (maxStart: number): void => {
    for (; next < indexes.length; next++) {
      const index = indexes[next] as number;
      const { form, name, start, end, line, endLine } = unit.definition(index);
      if (start > maxStart) return;
      const range = `"line":${line},"endLine":${endLine},"start":${start},"end":${end}`;
      const names = `"name":${JSON.stringify(name)},"breadcrumb":${JSON.stringify(unit.breadcrumb(index))}`;
      lines += `{"kind":"definition","file":${file},${range},${names},"form":"${form}"}\n`;
    }
  };
  for (const [index, [start, end, line, column, , callee, form]] of calls.entries()) {
    addDefinitions(start);
    const { tier, target, candidate } = resolutions[index] as Resolution;
    const range = `"line":${line},"column":${column},"start":${start},"end":${end}`;
    const targetField =
      (target === undefined ? '' : `,"target":${JSON.stringify(target)}`) +
      (candidate === undefined ? '' : `,"candidate":${JSON.stringify(candidate)}`);
    lines += `{"kind":"call","file":${file},${range},"callee":${calleeTexts[callee]}${targetField},"tier":"${tier}","form":"${form}"}\n`;
  }
  addDefinitions(Number.POSITIVE_INFINITY);
  return lines;
}

export function formatError(file: string, { type, message }: FileError): string {
  return `${JSON.stringify({ kind: 'error', file, type, message })}\n`;
}

/**
 * Writes a file as a stream. The file appears under its name only once it is complete. A device or a pipe, such as
 * `/dev/stdout`, is written directly, because it must not be replaced by a file.
 */
export async function writeResult(path: string, chunks: Iterable<Buffer>): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) {
      return await pipeline(Readable.from(chunks), createWriteStream(path));
    }
    await pipeline(Readable.from(chunks), createWriteStream(temporary));
    renameSync(temporary, path);
  } catch (error) {
    // Fails if the temporary file could not even be created; the original error is the one to report.
    await rm(temporary, { force: true }).catch(() => {});
    throw new Error(`Could not write the result to ${path}: ${(error as Error).message}.`);
  }
}

/** Minimum size of a chunk of the result. */
const minChunkBytes = 500_000;

/** Joins small pieces, because each chunk is written by itself. */
export function* joinChunks(pieces: Iterable<Buffer>): Generator<Buffer> {
  let joined: Buffer[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    joined.push(piece);
    bytes += piece.length;
    if (bytes < minChunkBytes) continue;
    yield Buffer.concat(joined);
    joined = [];
    bytes = 0;
  }
  yield Buffer.concat(joined);
}
