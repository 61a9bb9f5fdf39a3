/** Notes on disk with which a new host, e.g. after a window reload, finds the runs that outlived the previous one. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { boolean, exactOptional, type GenericSchema, is, isoTimestamp, object, pipe, string } from 'valibot';
import { readRegularText } from '../../process/read-regular-file.ts';
import { writeAtomically } from '../../process/write-atomically.ts';
import { parseJson } from '../../protocol/parse-json.ts';
import type { RunDescription } from '../run/recording.ts';
import { runNotesFolderOf } from '../storage/data-folder.ts';
import { launchSchema, type SerializableLaunch, unitSchema } from './serializable-launch.ts';

/** Larger than any command line with its environment. */
const maxNoteBytes = 4e6;

export interface RunNote {
  readonly launch: SerializableLaunch;
  readonly run: RunDescription;
  /** ISO 8601 timestamp. */
  readonly startedAt: string;
  /** Socket path at which the keeper waits for a host. */
  readonly address: string;
}

const noteSchema: GenericSchema<RunNote> = object({
  launch: launchSchema,
  run: object({
    id: string(),
    pipeline: string(),
    title: string(),
    workspace: string(),
    git: exactOptional(object({ commit: string(), branch: exactOptional(string()), dirty: boolean() })),
    trace: exactOptional(object({ traceId: string(), spanId: string() })),
    unit: exactOptional(unitSchema),
  }),
  startedAt: pipe(string(), isoTimestamp()),
  address: string(),
});

/** Writes the note of a run so that only the current user can read it. */
export function writeRunNote(data: string, note: RunNote): void {
  mkdirSync(runNotesFolderOf(data), { recursive: true, mode: 0o700 });
  writeAtomically(noteFileOf(data, note.run.id), JSON.stringify(note), { mode: 0o600 });
}

export function removeRunNote(data: string, runId: string): void {
  rmSync(noteFileOf(data, runId), { force: true });
}

/** Reads all notes. Deletes files that are not valid notes. */
export function readRunNotes(data: string): RunNote[] {
  const folder = runNotesFolderOf(data);
  const names = listFolder(folder).filter((name) => name.endsWith('.json'));
  return names.flatMap((name) => {
    const file = join(folder, name);
    const note = readJson(file);
    if (is(noteSchema, note) && noteFileOf(data, note.run.id) === file) return [note];
    rmSync(file, { force: true, recursive: true });
    return [];
  });
}

function noteFileOf(data: string, runId: string): string {
  return join(runNotesFolderOf(data), `${runId}.json`);
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readJson(file: string): unknown {
  const text = readRegularText(file, { maxBytes: maxNoteBytes });
  return text === undefined ? undefined : parseJson(text);
}
