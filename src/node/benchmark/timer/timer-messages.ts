/** Messages between a host and a process timer: one line of JSON each. */
import { amount, object, optional, text } from '../../../protocol/schema.ts';

/** One command to run. Its input and output are the null device. */
export interface TimerRequest {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** File that receives standard error. */
  readonly stderr?: string;
}

/** One run as measured from outside. CPU time covers the process and the descendants that it has waited for. */
export interface TimedRun {
  readonly wallNs: number;
  /** Absent, like the following values, if it could not be measured. */
  readonly userNs?: number;
  readonly systemNs?: number;
  /** Peak memory of the largest process. */
  readonly peakRssBytes?: number;
  /** Absent if the run was terminated by a signal. */
  readonly exitCode?: number;
  readonly signal?: string;
}

export const isTimedRun = object({
  wallNs: amount,
  userNs: optional(amount),
  systemNs: optional(amount),
  peakRssBytes: optional(amount),
  exitCode: optional(amount),
  signal: optional(text),
});

/** The program could not be started. */
export const isStartFailure = object({ error: object({ code: text, message: text }) });
