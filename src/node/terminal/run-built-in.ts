/** One run of a built-in pipeline with its progress in the terminal. */
import type { Snapshot } from '../../protocol/snapshot.ts';
import { type RunOptions, Session } from '../session.ts';
import type { Invocation, subjectOf } from './invocation.ts';
import { remember, saveSnapshot } from './save-snapshot.ts';
import { Screen } from './screen.ts';

export async function runBuiltIn(
  { options, dist, stderr, signal }: Invocation,
  { pipeline, workspace, data }: ReturnType<typeof subjectOf>,
  asked: RunOptions,
): Promise<Snapshot> {
  const screen = new Screen(stderr);
  const session = new Session({ dist, data, log: options.verbose ? (line) => screen.line(line) : () => undefined });
  const started = performance.now();
  const listening = session.onChange(() => {
    if (session.snapshot?.run.result === 'running') screen.show(session.snapshot, performance.now() - started);
  });
  const stop = (): void => void session.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const snapshot = await session.run(pipeline, workspace, { ...(options.cold ? { cold: true } : {}), ...asked });
    listening.dispose();
    const refused = pipeline.refusal !== undefined && snapshot.run.exitCode === pipeline.refusal;
    if (!refused) screen.end(snapshot);
    if (snapshot.run.message && !refused) screen.line(snapshot.run.message);
    if (options.snapshot) await saveSnapshot(options.snapshot, session.exportSnapshot());
    remember(data, snapshot, screen);
    return snapshot;
  } finally {
    signal.removeEventListener('abort', stop);
    session.dispose();
  }
}
