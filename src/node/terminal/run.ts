/** `pipescope run`: runs a pipeline, or the command after `--`, once. */
import { resolve } from 'node:path';
import { exitCodes, type Invocation } from './invocation.ts';
import { runCommand, runProgram } from './run-program.ts';
import type { SelectedPipeline } from './select-pipeline.ts';

export async function run(invocation: Invocation): Promise<number> {
  if (invocation.command.length > 0) return runCommand(invocation);
  const { selectPipeline } = await import('./select-pipeline.ts');
  const selected = selectPipeline(invocation);
  if (!selected.pipeline.program) return runSelected(invocation, selected);
  const { buildPipelineLaunch } = await import('../run/launch-spec.ts');
  return runProgram(invocation, buildPipelineLaunch(selected.pipeline, { ...selected, dist: invocation.dist }));
}

async function runSelected(invocation: Invocation, selected: SelectedPipeline): Promise<number> {
  if (selected.pipeline.id === 'validation') return (await import('./validate.ts')).validate(invocation, selected);
  const [{ runBuiltIn }, { formatSnapshotLine }] = await Promise.all([
    import('./run-built-in.ts'),
    import('./output/save-snapshot.ts'),
  ]);
  const { options, stdout } = invocation;
  const snapshot = await runBuiltIn(invocation, selected, options.result ? { result: resolve(options.result) } : {});
  if (options.json) stdout.write(formatSnapshotLine(snapshot));
  return snapshot.run.result === 'success' ? exitCodes.ok : exitCodes.failed;
}
