/** `pipescope run`: one run of a pipeline without an editor, or of any program behind `--`. */
import { resolve } from 'node:path';
import { launchOf } from '../run/launch-spec.ts';
import { exitCodes, type Invocation, subjectOf } from './invocation.ts';
import { runBuiltIn } from './run-built-in.ts';
import { runCommand, runProgram } from './run-program.ts';
import { summaryOf } from './save-snapshot.ts';
import { validate } from './validate.ts';

export async function run(invocation: Invocation): Promise<number> {
  if (invocation.command.length > 0) return runCommand(invocation);
  const { options, dist, stdout } = invocation;
  const subject = subjectOf(invocation);
  const { pipeline } = subject;
  if (pipeline.program) return runProgram(invocation, launchOf(pipeline, { ...subject, dist }));
  if (pipeline.id === 'validation') return validate(invocation, subject);
  const result = options.result ? { result: resolve(options.result) } : {};
  const snapshot = await runBuiltIn(invocation, subject, result);
  if (options.json) stdout.write(`${JSON.stringify(summaryOf(snapshot))}\n`);
  return snapshot.run.result === 'success' ? exitCodes.ok : exitCodes.failed;
}
