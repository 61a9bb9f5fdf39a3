/** Reads the stacks of Python processes from outside, in a thread of this process. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { settlesWithin } from '../../../process/settles-within.ts';
import type { Batch } from '../../../protocol/batch/batch.ts';
import { defined } from '../../../protocol/defined.ts';
import type {
  FromPythonStacks,
  PythonStacksStart,
  StacksRefusal,
  ToPythonStacks,
} from '../../../protocol/python-stacks-message.ts';
import { explainRefusal } from './explain-refusal.ts';
import { PythonFinder } from './python-finder.ts';

export const defaultIntervalMs = 10;
/** Maximum time to wait for the last batches. */
const maxStopMs = 2000;
/** Time that a process has to initialize Python. */
const maxStartingMs = 3000;

export interface PythonReaderOptions {
  /** Folder of the built bundles. */
  readonly dist: string;
  readonly workspace: string;
  readonly projectRoot?: string | undefined;
  /** Mean time between two samples of a thread; 0 if none are wanted. By default about 10 ms, more if sampling is expensive. */
  readonly samplingNs?: number | undefined;
  /** This process does not end by itself before `stop`. */
  readonly keepsAlive?: boolean;
  readonly onBatch: (batch: Batch) => void;
  readonly onReading?: (pid: number, version: string) => void;
  readonly onRefused?: (pid: number, refusal: StacksRefusal) => void;
  readonly onEnded?: (pid: number) => void;
}

/** The thread that reads stacks. It starts with the first process. */
export class PythonReader {
  readonly #options: PythonReaderOptions;
  readonly #signal = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  #samplingNs: number | undefined;
  #worker: Worker | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: PythonReaderOptions) {
    this.#options = options;
    this.#samplingNs = options.samplingNs;
  }

  /** Names all processes that may run Python. */
  setProcesses(pids: readonly number[]): void {
    if (this.#stopped || (!this.#worker && pids.length === 0)) return;
    this.#worker ??= this.#start();
    this.#send({ type: 'processes', pids });
  }

  setSampling(samplingNs: number | undefined): void {
    this.#samplingNs = samplingNs;
    this.#send({ type: 'interval', ...toInterval(samplingNs) });
  }

  /** Resolves after the last batches. Nothing remains in the processes or in this one. */
  stop(): Promise<void> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  #start(): Worker {
    const { dist, workspace, projectRoot } = this.#options;
    const workerData: PythonStacksStart = {
      signal: this.#signal,
      probeFolder: join(dist, 'python'),
      workspace,
      ...defined({ projectRoot }),
      ...toInterval(this.#samplingNs),
    };
    const worker = new Worker(join(dist, 'python-stacks.js'), { workerData, execArgv: [], name: 'python-stacks' });
    worker.on('message', (message: FromPythonStacks) => this.#onMessage(message));
    // The program runs on without its stacks.
    worker.on('error', () => undefined);
    if (!this.#options.keepsAlive) worker.unref();
    return worker;
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.ref();
    this.#send({ type: 'stop' });
    if (!(await settlesWithin(exited, maxStopMs))) await worker.terminate();
  }

  #onMessage(message: FromPythonStacks): void {
    const { onBatch, onReading, onRefused, onEnded } = this.#options;
    switch (message.type) {
      case 'batch':
        onBatch(message.batch);
        break;
      case 'reading':
        onReading?.(message.pid, message.version);
        break;
      case 'refused':
        onRefused?.(message.pid, message.refusal);
        break;
      case 'ended':
        onEnded?.(message.pid);
        break;
      case 'stopped':
        break;
    }
  }

  #send(message: ToPythonStacks): void {
    if (!this.#worker) return;
    this.#worker.postMessage(message);
    const signal = new Int32Array(this.#signal);
    Atomics.add(signal, 0, 1);
    Atomics.notify(signal, 0);
  }
}

function toInterval(samplingNs: number | undefined): Pick<PythonStacksStart, 'intervalMs' | 'hasFixedInterval'> {
  return {
    intervalMs: samplingNs === undefined ? defaultIntervalMs : samplingNs / 1e6,
    hasFixedInterval: samplingNs !== undefined,
  };
}

export interface PythonStacksOptions extends PythonReaderOptions {
  readonly pid: number;
}

/** Stacks of a running Python process and its children. */
export interface PythonStacks {
  /** For example `3.13`. */
  readonly version: string;
  /** Resolves when the process has ended or runs another program. */
  readonly ended: Promise<void>;
  /** Changes the mean time between two samples; 0 pauses, undefined is the default. */
  setSampling(samplingNs: number | undefined): void;
  /** Resolves after the last batches. Nothing remains in the process. */
  stop(): Promise<void>;
}

/**
 * Begins to read the stacks of a running process, whose memory is read without any code in it. Rejects with a HumanError if
 * it does not run Python or the system does not permit it.
 */
export async function startPythonStacks({ pid, ...options }: PythonStacksOptions): Promise<PythonStacks> {
  if (process.platform !== 'linux') throw explainRefusal(pid, 'platform');
  if (!existsSync(`/proc/${pid}`)) throw explainRefusal(pid, { reason: 'ended' });
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const { promise: opened, resolve, reject } = Promise.withResolvers<string>();
  let refusal: StacksRefusal = { reason: 'starting' };
  const reader = new PythonReader({
    keepsAlive: true,
    ...options,
    onReading: (reading, version) => {
      options.onReading?.(reading, version);
      if (reading === pid) resolve(version);
    },
    onRefused: (refused, reason) => {
      options.onRefused?.(refused, reason);
      if (refused !== pid) return;
      refusal = reason;
      if (reason.reason !== 'starting') reject(explainRefusal(pid, reason));
    },
    onEnded: (ending) => {
      options.onEnded?.(ending);
      if (ending === pid) end();
    },
  });
  const finder = new PythonFinder((pids) => reader.setProcesses(pids));
  const stop = async (): Promise<void> => {
    finder.stop();
    await reader.stop();
    end();
  };
  finder.add(pid);
  finder.watchTree(pid);
  void sleep(maxStartingMs, undefined, { ref: false }).then(() => reject(explainRefusal(pid, refusal)));
  try {
    const version = await opened;
    return { version, ended, setSampling: (samplingNs) => reader.setSampling(samplingNs), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
