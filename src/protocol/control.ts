/** Messages from a host to a probe, a built-in pipeline or the keeper of a run. */
import { amount, boolean, type Infer, list, object, optional, tagged, text, whole } from './schema.ts';

const exactTarget = object({
  file: text,
  name: optional(text),
  line: optional(whole),
});
/** A function to time exactly, identified by file and name, or by file and first line. */
export type ExactTarget = Infer<typeof exactTarget>;

export const isProbeConfig = object({
  /** Interval between two stack samples; 0 disables sampling. */
  samplingNs: amount,
  /** Uses the interval as it is, because a user has asked for it. Otherwise it is lengthened as the budget requires. */
  hasFixedInterval: optional(boolean),
  /** Samples with V8's profiler, which is more expensive but names every line. */
  hasFineSampling: optional(boolean),
  /** Duration of a turn of the event loop from which on it is recorded as a block; 0 records none. 50 ms if absent. */
  eventLoopBlockNs: optional(amount),
  /**
   * The host reads the call stacks of Python programs itself. They leave own times to it after a while, and do not count
   * functions whose number of calls is too expensive.
   */
  readsStacks: optional(boolean),
  /** Functions whose calls are all timed. */
  exact: list(exactTarget, 10_000),
  /** Maximum share of the program's time that measuring may take. */
  budgetRatio: amount,
  /** Folder in which the run was started; names in source maps of bundlers are relative to it. */
  workspace: text,
  /** Folder that holds the user's own files, if it is larger: the repository that contains the workspace. */
  projectRoot: optional(text),
});
/** Configuration of a zero-code probe. Set in the environment at the start; changed by the control `wish`. */
export type ProbeConfig = Infer<typeof isProbeConfig>;

/** A signal name as the operating system spells it, such as `SIGINT`. */
export type Signal = `SIG${string}`;

function signal(value: unknown): value is Signal {
  return text(value) && /^SIG[A-Z0-9]+$/.test(value);
}

export const isControl = tagged('type', {
  /**
   * Sent on connect. If `host` differs from the previous connection's, the host has no state and the guest must resend
   * everything.
   */
  welcome: { host: text },
  /** Asks for an early but orderly end: everything recorded is written and sent first. */
  stop: {},
  /** Asks the guest to send what has changed immediately. */
  flush: {},
  wish: { wishes: isProbeConfig },
  /** Asks a guest that the host has loaded through the inspector of a running program to close it again. */
  closeInspector: {},
  /** Asks the keeper to send a signal to the program, and to the program only. */
  signal: { name: signal },
  /** Tells the keeper that its host leaves in order, e.g. because the window reloads, so that another host may follow. */
  detach: {},
  /** Lists workspace files that have changed, relative with `/`. */
  changed: { files: list(text, 100_000) },
});
export type Control = Infer<typeof isControl>;
