/** What the kept reports of a work are found by: its benchmark, this machine and the branch that it stands on. */

import { machineOf } from '../../node/benchmark/machine-info.ts';
import { gitOf } from '../../node/git.ts';
import type { Key } from '../../node/storage/report-store.ts';
import type { Work } from './pick-target.ts';

export async function keyFor({ subject, workspace }: Work): Promise<Key> {
  const git = await gitOf(workspace);
  return { pipeline: subject('now', workspace).pipeline.id, machine: machineOf(), ...(git ? { git } : {}) };
}
