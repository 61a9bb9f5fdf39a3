/** What a run leaves behind in a terminal: the snapshot's file, the summary, a line in the history. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { exportJson } from '../../core/export/snapshot-json.ts';
import { HumanError, messageOf } from '../../core/human-error.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import { Store } from '../storage/store.ts';
import type { Screen } from './screen.ts';

/** The run's own numbers, without series, spans and items. */
export function summaryOf(snapshot: Snapshot): Partial<Snapshot> {
  const { schema, run, health, components, operations, processes, resources, overhead, dropped } = snapshot;
  return { schema, run, health, components, operations, processes, resources, overhead, dropped };
}

/** Writes a whole snapshot; throws a HumanError where that fails. */
export async function saveSnapshot(file: string, snapshot: Snapshot): Promise<void> {
  try {
    const path = resolve(file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, exportJson(snapshot));
  } catch (error) {
    throw new HumanError(`The snapshot could not be written: ${messageOf(error)}. Name another file with --snapshot.`);
  }
}

/** The list of runs is a convenience: a run that went well does not fail because of it. */
export function remember(data: string, snapshot: Snapshot, screen: Screen): void {
  try {
    const store = new Store(data, (line) => screen.line(line));
    store.saveRun(snapshot.run);
    store.close();
  } catch (error) {
    screen.line(`The run was not added to the history: ${messageOf(error)}`);
  }
}
