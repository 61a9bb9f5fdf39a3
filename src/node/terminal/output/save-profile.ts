/** Writes the call stacks of a terminal run for other tools. */
import { resolve } from 'node:path';
import { messageOf } from '../../../core/human-error.ts';
import { writeAtomically } from '../../../process/write-atomically.ts';
import type { Snapshot } from '../../../protocol/snapshot.ts';
import { profileFormatOf, profileFormats } from '../../profiles/profile-formats.ts';
import { profileOfSnapshot } from '../../profiles/profile-of-snapshot.ts';
import { UsageError } from '../invocation.ts';
import type { Screen } from './screen.ts';

/**
 * Verifies the file of `--profile` before the program starts.
 *
 * @throws UsageError if its extension belongs to no format
 */
export function assertProfileFile(file: string): void {
  if (profileFormatOf(file)) return;
  const extensions = profileFormats.map(({ extension }) => `.${extension}`).join(', ');
  throw new UsageError(`--profile must be a file that ends in one of ${extensions} (got “${file}”).`);
}

/** Writes a profile. A failure is one line, so that the exit code of the program is never lost. */
export async function saveProfile(file: string, snapshot: Snapshot, screen: Screen): Promise<void> {
  const profile = profileOfSnapshot(snapshot);
  const format = profileFormatOf(file);
  if (!profile || !format) {
    screen.line(
      'No profile was written because no stack was sampled. Profile a longer run, and sample it (--sampling).',
    );
    return;
  }
  try {
    writeAtomically(resolve(file), await format.write(profile));
  } catch (error) {
    screen.line(`Could not write the profile: ${messageOf(error)}. Choose another file with --profile.`);
  }
}
