/** The files of a bundle: what lies in its folder, and the one form in which its JSON is written and read. */
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** Every entry that is no folder, relative with `/`, sorted; links among them. Rejects where there is no such folder. */
export async function listing(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')).sort();
}

/** The bytes of a regular file: what a link leads to is no part of a bundle. */
export async function bytesOf(folder: string, file: string): Promise<Buffer | undefined> {
  const path = join(folder, file);
  const about = await lstat(path).catch(() => undefined);
  return about?.isFile() ? readFile(path) : undefined;
}

export function jsonOf(value: unknown): string {
  return `${JSON.stringify(value, undefined, 1)}\n`;
}

/** What these bytes say, if they are JSON and the guard takes it. */
export function readJson<T>(bytes: Buffer | undefined, guard: (value: unknown) => value is T): T | undefined {
  try {
    const value: unknown = bytes && JSON.parse(bytes.toString('utf8'), finite);
    return guard(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** `1e999` is JSON, but no number of ours. */
function finite(_key: string, value: unknown): unknown {
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) throw new RangeError('too large');
  return value;
}
