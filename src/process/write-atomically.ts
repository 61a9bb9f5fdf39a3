/** Writes files so that readers see either the old content or the new content, never a part of it. */
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, realpathSync, renameSync, rmSync, type Stats, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Replaces a file in one step: writes a temporary file beside it and renames that. Creates missing folders. Keeps a link
 * to the file and its permissions. A device or pipe, and a file in a folder that accepts no others, is written directly.
 * Throws the file system's error after removing the temporary file.
 */
export function writeAtomically(
  file: string,
  content: string | Uint8Array,
  options: { readonly mode?: number } = {},
): void {
  mkdirSync(dirname(file), { recursive: true });
  const existing = statSync(file, { throwIfNoEntry: false });
  if (existing && !existing.isFile()) {
    writeFileSync(file, content, options);
    return;
  }
  replace(existing ? realpathSync(file) : file, content, options.mode, existing);
}

/** Failures of a rename, or of a file beside it, that do not apply to the existing file: it may be mounted by itself. */
const directCodes = new Set(['EACCES', 'EPERM', 'EROFS', 'EBUSY', 'EXDEV']);

function replace(file: string, content: string | Uint8Array, mode: number | undefined, existing?: Stats): void {
  // Short and beside the file, because a longer name could exceed the limit of the file system.
  const temporary = join(dirname(file), `.${randomUUID()}.tmp`);
  try {
    writeFileSync(temporary, content, { flag: 'wx', ...(mode === undefined ? {} : { mode }) });
    if (mode === undefined && existing) chmodSync(temporary, existing.mode & 0o7777);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    if (!existing || !directCodes.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    writeFileSync(file, content);
  }
}
