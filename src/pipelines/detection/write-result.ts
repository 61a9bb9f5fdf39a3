/** Formats and writes the result: one JSON line per definition, call and error, sorted by file and position. */
import { createWriteStream, mkdirSync, renameSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Call, type FileError, isListed } from './extract/facts.ts';
import type { FileUnit } from './resolve/file-unit.ts';
import type { Resolution } from './resolve/resolve-call.ts';

/** Returns the lines of one file, sorted by the start of the definition or call. */
export function formatFile(unit: FileUnit, resolutions: readonly Resolution[]): string {
  const { definitions, calls, callees } = unit.facts;
  const file = JSON.stringify(unit.name);
  const calleeTexts = callees.map((callee) => JSON.stringify(callee));
  const listed = [...definitions.keys()].filter((index) => isListed(unit.definition(index)));
  listed.sort((a, b) => unit.definition(a).start - unit.definition(b).start);
  let lines = '';
  let next = 0;
  const addDefinitions = (maxStart: number): void => {
    for (; next < listed.length; next++) {
      const index = listed[next] as number;
      const { form, name, start, end, line, endLine } = unit.definition(index);
      if (start > maxStart) return;
      const range = `"line":${line},"endLine":${endLine},"start":${start},"end":${end}`;
      const names = `"name":${JSON.stringify(name)},"breadcrumb":${JSON.stringify(unit.breadcrumb(index))}`;
      lines += `{"kind":"definition","file":${file},${range},${names},"form":"${form}"}\n`;
    }
  };
  /** Calls with the same meaning share a resolution. */
  const outcomes = new Map<Resolution, string>();
  for (let index = 0; index < calls.length; index++) {
    const call = calls[index] as Call;
    const resolution = resolutions[index] as Resolution;
    let outcome = outcomes.get(resolution);
    if (outcome === undefined) {
      outcome = formatResolution(resolution);
      outcomes.set(resolution, outcome);
    }
    addDefinitions(call[0]);
    lines += `{"kind":"call","file":${file},"line":${call[2]},"column":${call[3]},"start":${call[0]},"end":${call[1]},"callee":${calleeTexts[call[5]]}${outcome},"form":"${call[6]}"}\n`;
  }
  addDefinitions(Number.POSITIVE_INFINITY);
  return lines;
}

function formatResolution({ tier, target, candidate }: Resolution): string {
  const targetField = target === undefined ? '' : `,"target":${JSON.stringify(target)}`;
  const candidateField = candidate === undefined ? '' : `,"candidate":${JSON.stringify(candidate)}`;
  return `${targetField}${candidateField},"tier":"${tier}"`;
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
