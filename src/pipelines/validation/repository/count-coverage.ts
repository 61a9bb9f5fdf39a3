/** Counts the files of a workspace that the checks judge, and those that they do not. */
import { yieldToLoop } from '../../../process/yield-to-loop.ts';
import type { Coverage } from '../../../protocol/validation/validation.ts';
import type { FileKind, ForeignFiles } from './foreign/foreign-files.ts';
import type { FileListing } from './list-files.ts';

/** Number of files to classify between two yields to the event loop. */
const filesPerYield = 100;

/** @param ignored number of ignored files and folders */
export async function countCoverage(listing: FileListing, ignored: number, kinds: ForeignFiles): Promise<Coverage> {
  const counts: Record<FileKind, number> = { handwritten: 0, foreign: 0, binary: 0, large: 0, pointer: 0, missing: 0 };
  for (const [position, file] of listing.files.entries()) {
    if (position % filesPerYield === filesPerYield - 1) await yieldToLoop();
    counts[kinds.kindOf(file)]++;
  }
  return {
    judged: counts.handwritten,
    untracked: listing.untracked.size,
    foreign: counts.foreign,
    binary: counts.binary,
    large: counts.large,
    pointers: counts.pointer,
    missing: counts.missing,
    ignored,
    submodules: listing.submodules.length,
    nestedRepositories: listing.nestedRepositories.length,
  };
}
