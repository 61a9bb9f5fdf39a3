/** Runs that outlive their host: each is started with a note for the next window, which finds it by that and goes on. */
import { setTimeout as sleep } from 'node:timers/promises';
import { HumanError } from '../../core/human-error.ts';
import type { Environments, LaunchSpec } from '../run/launch-spec.ts';
import type { Recording } from '../run/recording.ts';
import type { Started } from '../run/start-run.ts';
import { type Ears, hearKeeper, keptLaunchOf, patienceMs, startKeeper } from './keeper-client.ts';
import { type Errand, leaveNote, type Note, notesIn, removeNote } from './run-note.ts';

/** Between two looks for a run that another host has. */
const againMs = 250;

/** What a recording hears of a run; output goes to `onOutput` where there is one, of a pipeline of ours to the log. */
export function earsOf(
  recording: Recording,
  { start }: LaunchSpec,
  { log, onOutput }: { readonly log: Ears['log']; readonly onOutput?: (text: string) => void },
): Ears {
  return {
    runId: recording.run.id,
    log,
    onMessage: (message, past) => recording.take(message, past),
    onFault: (what, times) => recording.fault(what, times),
    onOutput: (stream, text) => {
      if (onOutput && start.kind !== 'module') onOutput(text);
      else recording.logOutput(stream, text);
    },
    ...(start.kind === 'listen' ? { onEnvironment: start.onEnvironment } : {}),
  };
}

export interface KeptOptions extends Pick<Errand, 'runId' | 'dist' | 'wishes' | 'span'> {
  /** Folder for what is kept between runs. */
  readonly data: string;
  readonly recording: Recording;
}

/** Starts what is described under a keeper of its own. */
export async function startKept(launch: LaunchSpec, options: KeptOptions, ears: Ears): Promise<Started> {
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
  readonly launch: LaunchSpec;
  readonly recording: Recording;
  readonly started: Started;
}

export interface FindOptions {
  readonly data: string;
  readonly log: (line: string) => void;
  /** Hears what programs need in their environment to report, where the run waits for such. */
  readonly onEnvironment: Environments;
  readonly record: (note: Note) => Recording;
  /** Asked until one is found: whether it is still looked for. */
  readonly wanted: () => boolean;
  /** How long one is waited for that another host has. */
  readonly waitMs: number;
  readonly earsOf: (recording: Recording, launch: LaunchSpec) => Ears;
}

/** The first run that an earlier host left and that no other one has; nothing where there is none. */
export async function findKept(options: FindOptions): Promise<Found | undefined> {
  for (let waitedMs = 0; options.wanted(); waitedMs += againMs) {
    let taken = false;
    for (const note of notesIn(options.data)) {
      const found = await hear(note, options);
      if (typeof found !== 'string') return found;
      taken ||= found === 'taken';
    }
    if (!taken || waitedMs >= options.waitMs) return undefined;
    await sleep(againMs);
  }
  return undefined;
}

async function hear(note: Note, { data, log, onEnvironment, wanted, record, earsOf }: FindOptions) {
  const { start, ...described } = note.launch;
  const { id: named } = described.pipeline;
  const told = {
    ...start,
    kind: 'listen' as const,
    onEnvironment: (all: NodeJS.ProcessEnv) => onEnvironment(all, named),
  };
  const launch = { ...described, start: start.kind === 'listen' ? told : start };
  const recording = record(note);
  const started = await hearKeeper(note.address, earsOf(recording, launch));
  const { id, pipeline, title, workspace } = note.run;
  if (typeof started !== 'string') {
    if (wanted()) {
      log(`picked up ${pipeline} on ${workspace} (run ${id})`);
      return { launch, recording, started };
    }
    started.leave?.();
    return 'left';
  }
  if (started === 'gone') {
    log(`${title} cannot be picked up: it has ended, since no window came back for it in time`);
    removeNote(data, id);
  }
  return started;
}
