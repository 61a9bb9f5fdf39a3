import type { Recording } from './run/recording.ts';
import type { RunHandle } from './run/start-run.ts';

/** State of a session. The recording of the last run stays available until the next run has started. */
export type SessionState =
  | { readonly phase: 'idle'; readonly recording?: Recording }
  | {
      readonly phase: 'starting';
      /** Title of the pipeline or program that is being started. */
      readonly title: string;
      /** Recording of the previous run. */
      readonly recording?: Recording;
      readonly isPaused: boolean;
      readonly isStopRequested: boolean;
      /** Signals for the program as soon as it has started. */
      readonly signals: readonly NodeJS.Signals[];
    }
  | {
      readonly phase: 'running' | 'stopping';
      readonly recording: Recording;
      readonly handle: RunHandle;
      readonly updateTimer: NodeJS.Timeout;
      readonly isPaused: boolean;
    }
  | { readonly phase: 'failed'; readonly recording?: Recording; readonly problem: string };
