/** Messages between a host and the thread in which it reads the stacks of Python processes. Both are of the same build. */
import type { Batch } from './batch/batch.ts';

/** Start of that thread, as its `workerData`. */
export interface PythonStacksStart {
  /** Number of messages to the thread, as one `Int32`. The thread waits for it to change. */
  readonly signal: SharedArrayBuffer;
  /** Folder of the Python probe, whose code is not the program's. */
  readonly probeFolder: string;
  readonly workspace: string;
  /** Folder that holds the user's own files, if it is larger than the workspace. */
  readonly projectRoot?: string;
  /** Mean time between two samples of a thread; 0 if none are wanted at the moment. */
  readonly intervalMs: number;
  /** Uses the interval as it is. Otherwise it is lengthened if sampling would use too much of this computer. */
  readonly hasFixedInterval: boolean;
}

export type ToPythonStacks =
  /** Names all processes that may run Python. Those that are left out have ended. */
  | { readonly type: 'processes'; readonly pids: readonly number[] }
  | { readonly type: 'interval'; readonly intervalMs: number; readonly hasFixedInterval: boolean }
  /** Asks for the last batches and the end of the thread. */
  | { readonly type: 'stop' };

/** Reason for which the stacks of a process cannot be read. */
export type StacksRefusal =
  | { readonly reason: 'ended' | 'forbidden' | 'not python' | 'starting' }
  | { readonly reason: 'unknown version'; readonly version: string };

export type FromPythonStacks =
  | { readonly type: 'batch'; readonly batch: Batch }
  /** The stacks of a process are read from now on. */
  | { readonly type: 'reading'; readonly pid: number; readonly version: string }
  /** Sent for each process whose stacks cannot be read, and again if the reason changes. */
  | { readonly type: 'refused'; readonly pid: number; readonly refusal: StacksRefusal }
  /** The process has ended or runs another program. */
  | { readonly type: 'ended'; readonly pid: number }
  /** Sent last. Stacks that changed while they were read are read again a few times, and then not used. */
  | { readonly type: 'stopped'; readonly samples: number; readonly changedStacks: number };
