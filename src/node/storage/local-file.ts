/** Reads and writes local files for the editor, with the limits that apply to files of unknown origin. */
import { readRegularText } from '../../process/read-regular-file.ts';
import { writeAtomically } from '../../process/write-atomically.ts';

/** Returns the text of a regular file, or undefined if it is missing, larger than `maxBytes` or something else. */
export function readLocalText(path: string, maxBytes: number): string | undefined {
  return readRegularText(path, { maxBytes });
}

/**
 * Replaces a file in one step. Throws the file system's error.
 * @param mode permissions; those of the existing file by default
 */
export function writeLocalFile(path: string, content: string | Uint8Array, mode?: number): void {
  writeAtomically(path, content, mode === undefined ? {} : { mode });
}
