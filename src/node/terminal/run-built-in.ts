/** Runs a built-in pipeline and shows its progress in the terminal. */
import type { Snapshot } from '../../protocol/snapshot.ts';
import { type RunOptions, Session } from '../session.ts';
import type { Invocation } from './invocation.ts';
import { saveRun } from './output/save-snapshot.ts';
import { Screen } from './output/screen.ts';
import type { SelectedPipeline } from './select-pipeline.ts';

export async function runBuiltIn(
  { options, dist, stderr, signal }: Invocation,
  { pipeline, workspace, data }: SelectedPipeline,
  runOptions: RunOptions,
): Promise<Snapshot> {
  const screen = new Screen(stderr);
  const session = new Session({ dist, data, log: options.verbose ? (line) => screen.line(line) : () => undefined });
  const startMs = performance.now();
  const subscription = session.onChange(() => {
    if (session.snapshot?.run.result === 'running') screen.show(session.snapshot, performance.now() - startMs);
  });
  const stop = (): void => void session.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const snapshot = await session.run(pipeline, workspace, { ...(options.cold ? { cold: true } : {}), ...runOptions });
    subscription.dispose();
    const isRefused = pipeline.refusal !== undefined && snapshot.run.exitCode === pipeline.refusal;
    if (!isRefused) screen.end(snapshot);
    if (snapshot.run.message && !isRefused) screen.line(snapshot.run.message);
    saveRun(snapshot, { screen, data, file: options.snapshot, build: () => session.exportSnapshot() });
    return snapshot;
  } finally {
    signal.removeEventListener('abort', stop);
    session.dispose();
  }
}
