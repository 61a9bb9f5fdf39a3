/** Saves the outcome of a terminal run: its summary, its snapshot file and its entry in the history. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { formatSnapshotJson } from '../../core/export/snapshot-json.ts';
import { HumanError, messageOf } from '../../core/human-error.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import { Store } from '../storage/store.ts';
import type { Screen } from './screen.ts';

/** Returns the snapshot without time series, spans and items, for `--json`. */
export function summaryOf(snapshot: Snapshot): Partial<Snapshot> {
  const { schema, run, health, components, operations, processes, resources, overhead, dropped } = snapshot;
  return { schema, run, health, components, operations, processes, resources, overhead, dropped };
}

/** Writes a complete snapshot to a file. Rejects with a HumanError if that fails. */
export async function saveSnapshot(file: string, snapshot: Snapshot): Promise<void> {
  try {
    const path = resolve(file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, formatSnapshotJson(snapshot));
  } catch (error) {
    throw new HumanError(`Could not write the snapshot: ${messageOf(error)}. Choose another file with --snapshot.`);
  }
}

/** Adds a run to the history. An error is only shown, so that it does not fail a successful run. */
export function addToHistory(data: string, snapshot: Snapshot, screen: Screen): void {
  try {
    const store = new Store(data, (line) => screen.line(line));
    store.saveRun(snapshot.run);
    store.close();
  } catch (error) {
    screen.line(`Could not add the run to the history: ${messageOf(error)}`);
  }
}
