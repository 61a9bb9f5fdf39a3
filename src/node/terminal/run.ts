/** `pipescope run`: runs a pipeline, or the command after `--`, once. */
import { resolve } from 'node:path';
import { buildPipelineLaunch } from '../run/launch-spec.ts';
import { exitCodes, type Invocation, resolvePipeline } from './invocation.ts';
import { runBuiltIn } from './run-built-in.ts';
import { runCommand, runProgram } from './run-program.ts';
import { summaryOf } from './save-snapshot.ts';
import { validate } from './validate.ts';

export async function run(invocation: Invocation): Promise<number> {
  if (invocation.command.length > 0) return runCommand(invocation);
  const { options, dist, stdout } = invocation;
  const selected = resolvePipeline(invocation);
  const { pipeline } = selected;
  if (pipeline.program) return runProgram(invocation, buildPipelineLaunch(pipeline, { ...selected, dist }));
  if (pipeline.id === 'validation') return validate(invocation, selected);
  const result = options.result ? { result: resolve(options.result) } : {};
  const snapshot = await runBuiltIn(invocation, selected, result);
  if (options.json) stdout.write(`${JSON.stringify(summaryOf(snapshot))}\n`);
  return snapshot.run.result === 'success' ? exitCodes.ok : exitCodes.failed;
}
