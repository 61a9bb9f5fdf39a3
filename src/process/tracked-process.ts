/** Follows a child process from its start until its output has arrived. */
import type { ChildProcess } from 'node:child_process';
import { type KillOptions, killTree } from './kill-tree.ts';
import { startMarked } from './lineage-mark.ts';
import { readStat } from './proc-reader.ts';
import { settlesWithin } from './settles-within.ts';
import type { TreeRoot } from './tree-finder.ts';

/**
 * Value for the `detached` option of `spawn` and `fork`. The child then leads a process group that can be ended as a
 * whole. Windows has no process groups; there, `detached` would open a console window.
 */
export const ownGroup: boolean = process.platform !== 'win32';

/** Exit of a child process; either `code` or `signal` is set. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Wall time from the start to the exit. */
  readonly wallNs: number;
}

export interface TrackingOptions {
  /** Marks all descendants of the process, so that `kill` finds them whatever they do (see `lineage-mark.ts`). */
  readonly marksLineage?: boolean;
}

export class TrackedProcess<T extends ChildProcess = ChildProcess> {
  readonly child: T;
  /** Identifies the process for as long as its id may be used. Undefined if it could not be started. */
  readonly root: TreeRoot | undefined;
  /** Resolves when the process exits. Rejects with the system's error if it could not be started. */
  readonly exited: Promise<ProcessExit>;
  readonly #drained: Promise<unknown>;
  #hasExited = false;

  /** @param start spawns or forks the process; errors that it throws are passed on */
  constructor(start: () => T, { marksLineage = false }: TrackingOptions = {}) {
    let startMs = 0;
    const { started: child, mark } = (marksLineage ? startMarked : startUnmarked)(() => {
      startMs = performance.now();
      return start();
    });
    this.child = child;
    this.root = rootOf(child.pid, mark);
    this.exited = new Promise((resolve, reject) => {
      child.once('error', (error) => {
        this.#hasExited = true;
        reject(error);
      });
      child.once('exit', (code, signal) => {
        this.#hasExited = true;
        resolve({ code, signal, wallNs: (performance.now() - startMs) * 1e6 });
      });
    });
    this.#drained = Promise.all([
      child.channel ? new Promise<void>((resolve) => child.once('disconnect', resolve)) : undefined,
      new Promise<void>((resolve) => child.once('close', () => resolve())),
    ]);
  }

  /** True if the process has exited or could not be started. */
  get hasExited(): boolean {
    return this.#hasExited;
  }

  /** Waits for all output and messages. A descendant may hold the pipes open forever, so this ends after `maxMs`. */
  async drain(maxMs: number): Promise<void> {
    await settlesWithin(this.#drained, maxMs);
  }

  /** Ends the process and all its descendants, even if it has exited itself. */
  async kill(options: KillOptions): Promise<void> {
    if (this.root !== undefined) await killTree(this.root, options);
  }
}

function startUnmarked<T>(start: () => T): { readonly started: T; readonly mark: undefined } {
  return { started: start(), mark: undefined };
}

function rootOf(pid: number | undefined, mark: string | undefined): TreeRoot | undefined {
  if (pid === undefined) return undefined;
  const startTicks = process.platform === 'linux' ? readStat(pid)?.startTicks : undefined;
  return { pid, ...(startTicks === undefined ? {} : { startTicks }), ...(mark === undefined ? {} : { mark }) };
}
