/** `pipescope run`: one run of a pipeline without an editor. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { HumanError, messageOf } from '../../core/error.ts';
import { exportJson } from '../../core/export/json.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import { Session } from '../session.ts';
import { Store } from '../store.ts';
import { exitCodes, type Invocation, subjectOf } from './invocation.ts';
import { Screen } from './screen.ts';

export async function run(invocation: Invocation): Promise<number> {
  const { options, dist, stdout, stderr, signal } = invocation;
  const { pipeline, workspace, data } = subjectOf(invocation);
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
    if (options.snapshot) await save(resolve(options.snapshot), exportJson(session.exportSnapshot()));
    remember(data, snapshot, screen);
    if (options.json) stdout.write(`${JSON.stringify(summaryOf(snapshot))}\n`);
    return snapshot.run.result === 'success' ? exitCodes.ok : exitCodes.failed;
  } finally {
    signal.removeEventListener('abort', stop);
    session.dispose();
  }
}

/** The run's own numbers, without series, spans and items. */
function summaryOf(snapshot: Snapshot): Partial<Snapshot> {
  const { schema, run, health, components, operations, resources, overhead, dropped } = snapshot;
  return { schema, run, health, components, operations, resources, overhead, dropped };
}

async function save(file: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  } catch (error) {
    throw new HumanError(`The snapshot could not be written: ${messageOf(error)}. Name another file with --snapshot.`);
  }
}

/** The list of runs is a convenience: a run that went well does not fail because of it. */
function remember(data: string, snapshot: Snapshot, screen: Screen): void {
  try {
    const store = new Store(data, (line) => screen.line(line));
    store.saveRun(snapshot.run);
    store.close();
  } catch (error) {
    screen.line(`The run was not added to the history: ${messageOf(error)}`);
  }
}
