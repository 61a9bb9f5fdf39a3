/** Saves the outcome of a terminal run: its summary, its snapshot file and its entry in the history. */
import { resolve } from 'node:path';
import { listNotices } from '../../../core/export/run-notices.ts';
import { snapshotFormatOf } from '../../../core/export/snapshot-formats.ts';
import { messageOf } from '../../../core/human-error.ts';
import { writeAtomically } from '../../../process/write-atomically.ts';
import { formatJsonLine } from '../../../protocol/escape/json-line.ts';
import type { Snapshot } from '../../../protocol/snapshot.ts';
import { Store } from '../../storage/store.ts';
import type { Screen } from './screen.ts';

/** Formats the snapshot without time series, spans and items, for `--json`. */
export function formatSnapshotLine(snapshot: Snapshot): string {
  const { schema, run, health, components, operations, operationsOmitted } = snapshot;
  const { processes, resources, overhead, dropped, notices } = snapshot;
  return formatJsonLine({
    schema,
    run,
    health,
    components,
    operations,
    operationsOmitted,
    processes,
    resources,
    overhead,
    dropped,
    notices,
  });
}

export interface SaveOptions {
  readonly screen: Screen;
  /** Data folder with the history. */
  readonly data: string;
  /** File for the complete snapshot. */
  readonly file?: string | undefined;
  /** Builds the complete snapshot; called only if there is a file. */
  readonly build: () => Snapshot;
}

/**
 * Writes what the user has to know about a run, its snapshot file and its entry in the history. A failure is one line, so
 * that the exit code of the program and the result on standard output are never lost to a full disk.
 */
export function saveRun(snapshot: Snapshot, { screen, data, file, build }: SaveOptions): void {
  screen.lines(listNotices(snapshot).map((notice) => `pipescope: ${notice}`));
  if (file !== undefined) saveSnapshot(file, build, screen);
  try {
    const store = new Store(data, (line) => screen.line(line));
    store.saveRun(snapshot.run);
    store.close();
  } catch (error) {
    screen.line(`Could not add the run to the history: ${messageOf(error)}`);
  }
}

function saveSnapshot(file: string, build: () => Snapshot, screen: Screen): void {
  try {
    writeAtomically(resolve(file), snapshotFormatOf(file).write(build()));
  } catch (error) {
    screen.line(`Could not write the snapshot: ${messageOf(error)}. Choose another file with --snapshot.`);
  }
}
