/** Reads and lists the files of a bundle, and defines the format of its JSON. */
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** Lists all entries except folders, as sorted relative paths with `/`. Rejects if the folder does not exist. */
export async function listFilesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')).sort();
}

/** Returns undefined unless the path is a regular file. Links are not followed, because they may lead out of the bundle. */
export async function readRegularFile(folder: string, file: string): Promise<Buffer | undefined> {
  const path = join(folder, file);
  const stat = await lstat(path).catch(() => undefined);
  return stat?.isFile() ? readFile(path) : undefined;
}

export function formatJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 1)}\n`;
}

/** Parses JSON. Returns undefined if the bytes are not JSON or the guard rejects the value. */
export function readJson<T>(bytes: Buffer | undefined, guard: (value: unknown) => value is T): T | undefined {
  try {
    const value: unknown = bytes && JSON.parse(bytes.toString('utf8'), rejectInfinity);
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
