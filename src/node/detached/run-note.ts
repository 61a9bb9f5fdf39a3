/**
 * What the keeper of a run is asked to do; and the note by which the next window finds a run that goes on: one file a run,
 * for this user's eyes alone.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  array,
  boolean,
  custom,
  exactOptional,
  type GenericSchema,
  is,
  isoTimestamp,
  literal,
  number,
  object,
  pipe,
  record,
  string,
  variant,
} from 'valibot';
import { isWishes, type Wishes } from '../../protocol/control.ts';
import type { CommandStart, LaunchSpec, ListenStart, Pipeline } from '../run/launch-spec.ts';
import type { Described } from '../run/recording.ts';
import type { StartOptions } from '../run/start-run.ts';
import { notesOf } from '../storage/data-folder.ts';

/** A launch as far as it can be written down. */
export interface KeptLaunch extends Omit<LaunchSpec, 'start'> {
  readonly start: CommandStart | Pick<ListenStart, 'kind' | 'port'>;
}

export interface Errand extends Pick<StartOptions, 'runId' | 'dist' | 'wishes'> {
  readonly launch: KeptLaunch;
  readonly span: { readonly traceId: string; readonly spanId: string; readonly traceFlags: number };
  readonly environment: Readonly<Record<string, string>>;
  /** Time without a host after which all is ended. */
  readonly patienceMs: number;
}

export interface Note {
  readonly launch: KeptLaunch;
  readonly run: Described;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Where the keeper looks for a host. */
  readonly address: string;
}

const texts = record(string(), string());
const unit = object({ component: string(), operation: string(), noun: string() });
const program = { command: string(), args: array(string()), env: exactOptional(texts) };
const pipeline: GenericSchema<Pipeline> = object({
  id: string(),
  title: string(),
  description: string(),
  components: array(string()),
  unit: exactOptional(unit),
  throughput: array(object({ component: string(), counter: string() })),
  minHitRatios: exactOptional(record(string(), number())),
  program: exactOptional(object({ ...program, cwd: exactOptional(string()) })),
  groups: exactOptional(texts),
});
const launch: GenericSchema<KeptLaunch> = object({
  pipeline,
  workspace: string(),
  cwd: exactOptional(string()),
  start: variant('kind', [
    object({ kind: literal('command'), ...program, stdio: literal('pipe') }),
    object({ kind: literal('listen'), port: exactOptional(number()) }),
  ]),
});
const errand: GenericSchema<Errand> = object({
  launch,
  runId: string(),
  dist: string(),
  wishes: custom<Wishes>(isWishes),
  span: object({ traceId: string(), spanId: string(), traceFlags: number() }),
  environment: texts,
  patienceMs: number(),
});
const note: GenericSchema<Note> = object({
  launch,
  run: object({
    id: string(),
    pipeline: string(),
    title: string(),
    workspace: string(),
    git: exactOptional(object({ commit: string(), branch: exactOptional(string()), dirty: boolean() })),
    trace: exactOptional(object({ traceId: string(), spanId: string() })),
    unit: exactOptional(unit),
  }),
  startedAt: pipe(string(), isoTimestamp()),
  address: string(),
});

export function isErrand(value: unknown): value is Errand {
  return is(errand, value);
}

/** Writes the note of a run. */
export function leaveNote(data: string, written: Note): void {
  mkdirSync(notesOf(data), { recursive: true, mode: 0o700 });
  const file = fileOf(data, written.run.id);
  // Whole at once: another window may look at this moment.
  writeFileSync(`${file}.new`, JSON.stringify(written), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function removeNote(data: string, runId: string): void {
  rmSync(fileOf(data, runId), { force: true });
}

/** The notes that are there; a file that is none is removed. */
export function notesIn(data: string): Note[] {
  const names = namesIn(notesOf(data)).filter((name) => name.endsWith('.json'));
  return names.flatMap((name) => {
    const file = join(notesOf(data), name);
    const read = parsed(file);
    if (is(note, read) && fileOf(data, read.run.id) === file) return [read];
    rmSync(file, { force: true, recursive: true });
    return [];
  });
}

function fileOf(data: string, runId: string): string {
  return join(notesOf(data), `${runId}.json`);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
