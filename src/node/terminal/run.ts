/** `pipescope run`: one run of a pipeline without an editor, or of any program behind `--`. */
import { resolve } from 'node:path';
import { launchOf } from '../launch.ts';
import { Session } from '../session.ts';
import { exitCodes, type Invocation, subjectOf } from './invocation.ts';
import { runCommand, runProgram } from './program.ts';
import { Screen } from './screen.ts';
import { remember, saveSnapshot, summaryOf } from './snapshot.ts';

export async function run(invocation: Invocation): Promise<number> {
  if (invocation.command.length > 0) return runCommand(invocation);
  const { options, dist, stdout, stderr, signal } = invocation;
  const { pipeline, workspace, data } = subjectOf(invocation);
  if (pipeline.program) return runProgram(invocation, launchOf(pipeline, { dist, workspace, data }));
  const screen = new Screen(stderr);
  const session = new Session({ dist, data, log: options.verbose ? (line) => screen.line(line) : () => undefined });
  const started = performance.now();
  const listening = session.onChange(() => {
    if (session.snapshot?.run.result === 'running') screen.show(session.snapshot, performance.now() - started);
  });
  const stop = (): void => void session.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const snapshot = await session.run(pipeline, workspace, {
      ...(options.cold ? { cold: true } : {}),
      ...(options.result ? { result: resolve(options.result) } : {}),
    });
    listening.dispose();
    screen.end(snapshot);
    if (snapshot.run.message) screen.line(snapshot.run.message);
    if (options.snapshot) await saveSnapshot(options.snapshot, session.exportSnapshot());
    remember(data, snapshot, screen);
    if (options.json) stdout.write(`${JSON.stringify(summaryOf(snapshot))}\n`);
    return snapshot.run.result === 'success' ? exitCodes.ok : exitCodes.failed;
  } finally {
    signal.removeEventListener('abort', stop);
    session.dispose();
  }
}
