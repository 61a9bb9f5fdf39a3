/** Reads and lists the files of a bundle, and defines the format of its JSON. */

import { lstat, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { readRegularFile } from '../../../process/read-regular-file.ts';
import { findDeepBracket } from '../../../protocol/json-depth.ts';

/** Lists all entries except folders, as sorted relative paths with `/`. Rejects if the folder does not exist. */
export async function listFilesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')).sort();
}

/** Larger files are treated as unreadable. No validation writes one. */
const maxBundleFileBytes = 512e6;

/** Returns undefined unless the path is a regular file. Links are not followed, because they may lead out of the bundle. */
export async function readBundleFile(folder: string, file: string): Promise<Buffer | undefined> {
  const path = join(folder, file);
  const stat = await lstat(path).catch(() => undefined);
  const read = stat?.isFile() ? readRegularFile(path, { maxBytes: maxBundleFileBytes, inside: folder }) : undefined;
  return read?.kind === 'content' ? read.bytes : undefined;
}

export function formatJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 1)}\n`;
}

/** Parses JSON. Returns undefined if the bytes are not JSON or the guard rejects the value. */
export function readJson<T>(bytes: Buffer | undefined, guard: (value: unknown) => value is T): T | undefined {
  try {
    const text = bytes?.toString('utf8');
    // The hashes are computed by functions that call themselves for each level.
    if (text !== undefined && findDeepBracket(text) !== undefined) return undefined;
    const value: unknown = text === undefined ? undefined : JSON.parse(text, rejectInfinity);
    return guard(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** JSON such as `1e999` parses to infinity, which a bundle never contains. */
function rejectInfinity(_key: string, value: unknown): unknown {
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) throw new RangeError('too large');
  return value;
}
