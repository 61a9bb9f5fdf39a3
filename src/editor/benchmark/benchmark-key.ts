/** Builds the key under which the saved reports of a target are found: pipeline, machine and current branch. */
import { readMachineInfo } from '../../node/benchmark/machine-info.ts';
import { targetOf } from '../../node/benchmark/target.ts';
import { readGitState } from '../../node/git.ts';
import type { BenchmarkKey } from '../../node/storage/report-store.ts';
import { defined } from '../../protocol/defined.ts';
import type { PickedTarget } from './pick-target.ts';

export async function readBenchmarkKey({ source, workspace }: PickedTarget): Promise<BenchmarkKey> {
  const git = await readGitState(workspace);
  const { pipeline } = targetOf(source, { workspace });
  return { pipeline: pipeline.id, machine: readMachineInfo(), ...defined({ git }) };
}
