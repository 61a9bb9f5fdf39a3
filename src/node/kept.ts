/** Runs that outlive their host: each is started with a note for the next window, which finds it by that and goes on. */
import { HumanError } from '../core/error.ts';
import { type Ears, hearKeeper, keptLaunchOf, patienceMs, startKeeper } from './keeper.ts';
import type { Launch, ListenStart } from './launch.ts';
import { type Errand, leaveNote, type Note, notesIn, removeNote } from './note.ts';
import type { Recording } from './recording.ts';
import type { Started } from './start.ts';

export interface KeptOptions extends Pick<Errand, 'runId' | 'dist' | 'wishes' | 'span'> {
  /** Folder for what is kept between runs. */
  readonly data: string;
  readonly recording: Recording;
}

/** Starts what is described under a keeper of its own. */
export async function startKept(launch: Launch, options: KeptOptions, ears: Ears): Promise<Started> {
  const { data, recording, span, ...errand } = options;
  const { traceId, spanId, traceFlags } = span;
  const kept = keptLaunchOf(launch);
  const environment = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const address = await startKeeper({
    ...errand,
    launch: kept,
    span: { traceId, spanId, traceFlags },
    environment,
    patienceMs,
  });
  const { startedAt, durationNs, result, ...run } = recording.run;
  const note: Note = { launch: kept, run, startedAt, address };
  leaveNote(data, note);
  const started = await hearKeeper(address, ears);
  if (typeof started !== 'string') return started;
  removeNote(data, run.id);
  throw new HumanError('The process that was to hold the program has ended. Try again.');
}

export interface Found {
  readonly launch: Launch;
  readonly recording: Recording;
  readonly started: Started;
}

export interface FindOptions {
  readonly data: string;
  readonly log: (line: string) => void;
  /** Hears what programs need in their environment to report, where the run waits for such. */
  readonly onEnvironment: ListenStart['onEnvironment'];
  readonly record: (note: Note) => Recording;
  readonly earsOf: (recording: Recording, launch: Launch) => Ears;
}

/** The first run that an earlier host left and that no other one has taken; nothing where there is none. */
export async function findKept({ data, log, onEnvironment, record, earsOf }: FindOptions): Promise<Found | undefined> {
  for (const note of notesIn(data)) {
    const { start, ...described } = note.launch;
    const launch = { ...described, start: start.kind === 'listen' ? { ...start, onEnvironment } : start };
    const recording = record(note);
    const started = await hearKeeper(note.address, earsOf(recording, launch));
    if (typeof started !== 'string') {
      log(`picked up ${note.run.pipeline} on ${note.run.workspace} (run ${note.run.id})`);
      return { launch, recording, started };
    }
    if (started === 'taken') continue;
    log(`${note.run.title} cannot be picked up: it has ended, since no window came back for it in time`);
    removeNote(data, note.run.id);
  }
  return undefined;
}
