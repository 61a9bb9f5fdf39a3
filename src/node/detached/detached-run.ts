/** Starts runs that outlive their host, and finds those that an earlier host has left. */
import { setTimeout as sleep } from 'node:timers/promises';
import { HumanError } from '../../core/human-error.ts';
import type { EnvironmentListener, LaunchSpec } from '../run/launch-spec.ts';
import type { Recording } from '../run/recording.ts';
import type { RunHandle } from '../run/start-run.ts';
import { connectToKeeper, startKeeper } from './keeper-client.ts';
import type { KeeperRequest } from './keeper-request.ts';
import type { RunEvents } from './run-events.ts';
import { type RunNote, readRunNotes, removeRunNote, writeRunNote } from './run-note.ts';
import { toSerializableLaunch } from './serializable-launch.ts';

/** Time for which a keeper waits for the next host, e.g. while a window is reloaded. */
const reconnectTimeoutMs = 30_000;
/** Interval between attempts to connect to a run that another host holds. */
const retryIntervalMs = 250;

export interface DetachedStartOptions extends Pick<KeeperRequest, 'runId' | 'dist' | 'probeConfig' | 'span'> {
  /** Folder for data that is kept between runs. */
  readonly data: string;
  readonly recording: Recording;
}

/** Starts a run in a new keeper. */
export async function startDetached(
  launch: LaunchSpec,
  options: DetachedStartOptions,
  events: RunEvents,
): Promise<RunHandle> {
  const { data, recording, span, ...request } = options;
  const { traceId, spanId, traceFlags } = span;
  const serializableLaunch = toSerializableLaunch(launch);
  const environment = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const address = await startKeeper({
    ...request,
    launch: serializableLaunch,
    span: { traceId, spanId, traceFlags },
    environment,
    reconnectTimeoutMs,
  });
  const { startedAt, durationNs, result, ...run } = recording.run;
  writeRunNote(data, { launch: serializableLaunch, run, startedAt, address });
  const handle = await connectToKeeper(address, events);
  if (typeof handle !== 'string') return handle;
  removeRunNote(data, run.id);
  throw new HumanError('Could not start the program: its background process ended. Try again.');
}

/** A run to which this host is connected. */
export interface DetachedRun {
  readonly launch: LaunchSpec;
  readonly recording: Recording;
  readonly handle: RunHandle;
}

export interface FindOptions {
  /** Folder for data that is kept between runs. */
  readonly data: string;
  readonly log: (line: string) => void;
  readonly onEnvironment: EnvironmentListener;
  readonly createRecording: (note: RunNote) => Recording;
  readonly createEvents: (recording: Recording, launch: LaunchSpec) => RunEvents;
  /** Returns whether a run is still wanted; the search ends otherwise. */
  readonly isWanted: () => boolean;
  /** Maximum time to wait for a run that another host holds. */
  readonly maxWaitMs: number;
}

/** Connects to a run of an earlier host to which no other host is connected. Returns undefined if there is none. */
export async function findDetachedRun(options: FindOptions): Promise<DetachedRun | undefined> {
  for (let waitedMs = 0; options.isWanted(); waitedMs += retryIntervalMs) {
    let isAnyTaken = false;
    for (const note of readRunNotes(options.data)) {
      const run = await connectToRun(note, options);
      if (typeof run !== 'string') return run;
      isAnyTaken ||= run === 'taken';
    }
    if (!isAnyTaken || waitedMs >= options.maxWaitMs) return undefined;
    await sleep(retryIntervalMs);
  }
  return undefined;
}

async function connectToRun(note: RunNote, options: FindOptions): Promise<DetachedRun | 'gone' | 'taken' | 'unwanted'> {
  const { data, log } = options;
  const launch = restoreLaunch(note, options.onEnvironment);
  const recording = options.createRecording(note);
  const handle = await connectToKeeper(note.address, options.createEvents(recording, launch));
  const { id, pipeline, title, workspace } = note.run;
  if (typeof handle !== 'string') {
    if (options.isWanted()) {
      log(`resumed ${pipeline} on ${workspace} (run ${id})`);
      return { launch, recording, handle };
    }
    handle.detach?.();
    return 'unwanted';
  }
  if (handle === 'gone') {
    log(`could not resume ${title}: its background process has ended because no window reconnected in time`);
    removeRunNote(data, id);
  }
  return handle;
}

function restoreLaunch({ launch: { start, ...spec } }: RunNote, onEnvironment: EnvironmentListener): LaunchSpec {
  if (start.kind === 'command') return { ...spec, start };
  return { ...spec, start: { ...start, onEnvironment: (variables) => onEnvironment(variables, spec.pipeline.id) } };
}
