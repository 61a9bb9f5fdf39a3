/** What the kept reports of a work are found by: its benchmark, this machine and the branch that it stands on. */
import { gitOf } from '../../node/git.ts';
import { machineOf } from '../../node/machine.ts';
import type { Key } from '../../node/reports.ts';
import type { Work } from './works.ts';

export async function keyFor({ subject, workspace }: Work): Promise<Key> {
  const git = await gitOf(workspace);
  return { pipeline: subject('now', workspace).pipeline.id, machine: machineOf(), ...(git ? { git } : {}) };
}
