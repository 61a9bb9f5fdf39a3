/** Events of a run, however it was started. */
import type { DroppedRecords } from '../../protocol/batch/batch.ts';
import type { LaunchSpec } from '../run/launch-spec.ts';
import type { Recording } from '../run/recording.ts';
import type { StartOptions } from '../run/start-run.ts';

export interface RunEvents extends Pick<StartOptions, 'onOutput'> {
  readonly runId: string;
  /** Receives batches, which are not validated yet. `isPast` marks those that cover a time before this host connected. */
  readonly onMessage: (message: unknown, isPast?: boolean) => void;
  readonly onFault: (what: string, times?: number, records?: DroppedRecords) => void;
  /** Receives the time since the start of the run by a clock that cannot be set, if another host has started it. */
  readonly onElapsed?: (elapsedMs: number) => void;
  readonly log: (line: string) => void;
  /** Receives the environment variables with which programs report to the run, if it starts none itself. */
  readonly onEnvironment?: (variables: NodeJS.ProcessEnv) => void;
}

/**
 * Connects a run's events to its recording. Program output goes to `onOutput` if set; a built-in pipeline's output goes to
 * the log.
 */
export function eventsFor(
  recording: Recording,
  { start }: LaunchSpec,
  { log, onOutput }: { readonly log: RunEvents['log']; readonly onOutput?: (text: string) => void },
): RunEvents {
  return {
    runId: recording.run.id,
    log,
    onMessage: (message, isPast) => recording.ingest(message, isPast),
    onFault: (what, times, records) => recording.reportRejected(what, times, records),
    onElapsed: (elapsedMs) => recording.setElapsed(elapsedMs),
    onOutput: (stream, text) => {
      if (onOutput && start.kind !== 'module') onOutput(text);
      else recording.logOutput(stream, text);
    },
    ...(start.kind === 'listen' ? { onEnvironment: start.onEnvironment } : {}),
  };
}
