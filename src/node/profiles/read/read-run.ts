import { parseSnapshotJson } from '../../../core/export/snapshot-json.ts';
import type { Snapshot } from '../../../protocol/snapshot.ts';
import { snapshotOfProfile } from '../profile-snapshot.ts';
import { readProfile } from './read-profile.ts';

/** Length of the part of a snapshot in which its schema is named. */
const headLength = 4096;

/**
 * Returns the snapshot of a file: one that was exported, or a profile of another tool.
 *
 * @throws HumanError if the file is neither
 */
export async function readRun(bytes: Uint8Array, name: string): Promise<Snapshot> {
  const head = new TextDecoder().decode(bytes.subarray(0, headLength));
  if (/^\s*\{[^[]*"schema"\s*:\s*"pipescope\//.test(head)) return parseSnapshotJson(new TextDecoder().decode(bytes));
  return snapshotOfProfile(await readProfile(bytes, name), name);
}
