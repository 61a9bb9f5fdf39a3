/**
 * Reads files that others may have placed or may be changing: only regular files, and only up to a limit. A device, pipe or
 * socket could deliver bytes forever or never.
 */
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { sep } from 'node:path';

export interface ReadOptions {
  readonly maxBytes: number;
  /** Folder that the file must be in after all links are resolved. Without it, links may lead anywhere. */
  readonly inside?: string;
}

export type FileRead =
  | { readonly kind: 'content'; readonly bytes: Buffer }
  | { readonly kind: 'missing' }
  /** `problem` is the rest of a sentence about the file, such as “is not a regular file”. */
  | { readonly kind: 'refused'; readonly problem: string };

/** Does not wait for the writer of a pipe. Not available on Windows, where pipes have no place in folders. */
const doNotWait = constants.O_NONBLOCK ?? 0;

/** Reads a whole file. Never throws, and never waits for anything but the disk. */
export function readRegularFile(path: string, options: ReadOptions): FileRead {
  try {
    if (!isInside(path, options.inside)) return refused('is a link to a file outside of its folder');
    // Opening a device can have effects, so it is not even opened.
    if (!statSync(path).isFile()) return refused('is not a regular file');
    const descriptor = openSync(path, constants.O_RDONLY | doNotWait);
    try {
      return readDescriptor(descriptor, options.maxBytes);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { kind: 'missing' };
    return refused(`could not be read (${code ?? message})`);
  }
}

/** Returns the text of a file, or undefined if it is missing or may not be read. */
export function readRegularText(path: string, options: ReadOptions): string | undefined {
  const file = readRegularFile(path, options);
  return file.kind === 'content' ? file.bytes.toString('utf8') : undefined;
}

/** Reads to the end or the limit. The size is only a hint, because the file may grow or, as in /proc, state none. */
function readDescriptor(descriptor: number, maxBytes: number): FileRead {
  const stats = fstatSync(descriptor);
  // It may have been replaced since it was examined.
  if (!stats.isFile()) return refused('is not a regular file');
  const tooLarge = refused(`is larger than ${maxBytes / 1e6} MB`);
  if (stats.size > maxBytes) return tooLarge;
  let buffer = Buffer.allocUnsafe(stats.size + 1);
  let length = 0;
  for (;;) {
    const count = readSync(descriptor, buffer, length, buffer.length - length, null);
    if (count === 0) return { kind: 'content', bytes: buffer.subarray(0, length) };
    length += count;
    if (length > maxBytes) return tooLarge;
    if (length === buffer.length) buffer = Buffer.concat([buffer], Math.min(2 * length + 4096, maxBytes + 1));
  }
}

function isInside(path: string, folder: string | undefined): boolean {
  if (folder === undefined) return true;
  const root = realpathSync(folder);
  return realpathSync(path).startsWith(root.endsWith(sep) ? root : root + sep);
}

function refused(problem: string): FileRead {
  return { kind: 'refused', problem };
}
