/** Creates temporary folders, also where TMPDIR is missing, read-only or too long for a socket. */
import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HumanError } from '../../core/human-error.ts';

/** Longest path of a Unix socket on every system: 104 bytes on macOS, with the terminating null byte. */
export const maxSocketPathBytes = 103;
/** Characters that `mkdtemp` appends to the prefix. */
const randomSuffix = 'XXXXXX';

export interface TemporaryFolderOptions {
  /** Maximum size of the folder's path. */
  readonly maxPathBytes?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Creates a folder that only the current user can enter: in the system's temporary folder, or in another one if that
 * cannot be used. Throws a HumanError if there is none.
 */
export function createTemporaryFolder(prefix: string, options: TemporaryFolderOptions = {}): string {
  const { maxPathBytes = Number.POSITIVE_INFINITY, env = process.env } = options;
  for (const parent of [tmpdir(), env['XDG_RUNTIME_DIR'], '/tmp', '/var/tmp', '/dev/shm']) {
    if (!parent) continue;
    try {
      const start = join(realpathSync(parent), prefix);
      if (Buffer.byteLength(start + randomSuffix) <= maxPathBytes) return mkdtempSync(start);
    } catch {
      // The folder is missing, or the user may not write to it.
    }
  }
  throw new HumanError('No temporary folder can be written to. Set TMPDIR to a writable folder with a short path.');
}
