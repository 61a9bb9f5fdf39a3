/** The process of one run: started without a shell, with its output passed on and its exit reported. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import type { HumanError } from '../../core/human-error.ts';
import { OutputTail } from '../../process/output-tail.ts';
import { settlesWithin } from '../../process/settles-within.ts';
import { ownGroup, TrackedProcess } from '../../process/tracked-process.ts';
import { TreeMeter } from '../../process/usage/tree-meter.ts';
import { watchTree } from '../../process/watchdog.ts';
import type { Control } from '../../protocol/control.ts';
import { defined } from '../../protocol/defined.ts';
import { runVariable } from '../../protocol/environment-variables.ts';
import type { TreeUsage } from '../../protocol/tree-sample.ts';
import type { CommandStart, LaunchSpec, ModuleStart } from './launch-spec.ts';
import { explainStartError } from './start-error.ts';

/** Maximum part of standard error that is kept for the failure message. */
const maxStderrBytes = 64 * 1024;
/** Time that a stopped process has to exit on request, or after SIGTERM if it cannot be asked. */
const orderlyMs = 2000;
/** Time between SIGTERM and SIGKILL for a built-in pipeline that ignored the request to stop. */
const signalMs = 1000;
/** Time for the last output and messages to arrive after the exit. */
const drainMs = 2000;

export interface RunExit {
  /** Wall time from the start of the process to its exit, without the wait for remaining output. */
  readonly wallNs?: number;
  readonly exitCode?: number;
  readonly signal?: string;
  /** The end of standard error, or an empty string if the program writes to our own terminal. */
  readonly stderr: string;
  /** True if the exit was requested through `stop`. */
  readonly stopped: boolean;
  /** Resource use of the process and its descendants, as far as it is known. */
  readonly usage?: TreeUsage;
}

export interface RunProcessOptions {
  readonly launch: LaunchSpec & { readonly start: ModuleStart | CommandStart };
  readonly runId: string;
  /** Folder of the built bundles. */
  readonly dist: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onMessage: (message: unknown) => void;
  readonly onOutput: (stream: 'stdout' | 'stderr', text: string) => void;
}

export class RunProcess {
  readonly #process: TrackedProcess;
  readonly #marker: string;
  readonly #meter: TreeMeter | undefined;
  #isStopped = false;
  #hasEnded = false;
  #killing: Promise<void> | undefined;
  /**
   * Resolves when the process has exited, its output has arrived, and the other processes have ended if it was stopped.
   * Rejects with a HumanError if it cannot start.
   */
  readonly ended: Promise<RunExit>;

  /** Throws a HumanError if the process cannot be started. */
  constructor(options: RunProcessOptions) {
    this.#marker = `${runVariable}=${options.runId}`;
    const { tracked, meter } = startTracked(options);
    this.#process = tracked;
    this.#meter = meter;
    const { root } = this.#process;
    const unwatch = root && watchTree({ ...root, marker: this.#marker }, options.dist);
    this.ended = this.#follow(options).finally(() => {
      this.#hasEnded = true;
      unwatch?.();
    });
  }

  get pid(): number | undefined {
    return this.#process.child.pid;
  }

  /** Resource use of the process and its descendants so far, as far as it is known. */
  get usage(): TreeUsage {
    return this.#meter?.usage ?? {};
  }

  send(control: Control): void {
    const { child } = this.#process;
    if (child.connected) child.send(control, () => undefined);
  }

  kill(name: NodeJS.Signals): void {
    this.#process.child.kill(name);
  }

  /** Stops or continues reading the output; a program whose pipes are full waits. */
  setOutputPaused(isPaused: boolean): void {
    const { stdout, stderr } = this.#process.child;
    for (const stream of [stdout, stderr]) {
      if (stream && stream.isPaused() !== isPaused) stream[isPaused ? 'pause' : 'resume']();
    }
  }

  /**
   * Asks a built-in pipeline to stop, then sends SIGTERM and finally SIGKILL to the whole process tree. Resolves when all
   * processes have ended, also for later calls. Does nothing after the run has ended.
   * @param graceMs time between SIGTERM and SIGKILL for a program
   */
  async stop(graceMs = orderlyMs): Promise<void> {
    if (this.#hasEnded) return;
    this.#isStopped ||= !this.#process.hasExited;
    this.#killing ??= this.#endTree(graceMs);
    await this.#killing;
    await settlesWithin(this.ended, drainMs);
  }

  async #endTree(graceMs: number): Promise<void> {
    if (!this.#process.child.connected) return this.#kill(graceMs);
    this.send({ type: 'stop' });
    const hasExited = await settlesWithin(this.#process.exited, orderlyMs);
    await this.#kill(hasExited ? 0 : signalMs);
  }

  async #kill(graceMs: number): Promise<void> {
    await this.#process.kill({ marker: this.#marker, graceMs });
  }

  async #follow({ launch, onMessage, onOutput }: RunProcessOptions): Promise<RunExit> {
    const { child, exited } = this.#process;
    const stderr = new OutputTail(maxStderrBytes);
    child.on('message', onMessage);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => onOutput('stdout', text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr.add(Buffer.from(text));
      onOutput('stderr', text);
    });
    let usage: TreeUsage = {};
    child.once('exit', () => {
      usage = this.#meter?.finish() ?? {};
    });
    const { code, signal, wallNs } = await exited.catch((error: unknown) => {
      throw toStartError(launch, error);
    });
    // A built-in pipeline that has crashed may leave the programs of its checks behind.
    if (launch.start.kind === 'module' && code !== 0) this.#killing ??= this.#kill(0);
    await this.#process.drain(drainMs);
    // The run must not end before its processes: whoever waits for its end, such as the keeper, may exit then.
    await this.#killing;
    return {
      ...defined({ exitCode: code ?? undefined, signal: signal ?? undefined }),
      wallNs,
      stderr: stderr.text,
      stopped: this.#isStopped,
      usage,
    };
  }
}

function startProcess({ launch, env }: RunProcessOptions): ChildProcess {
  const { start } = launch;
  const cwd = launch.cwd ?? launch.workspace;
  if (start.kind === 'module') {
    return fork(start.module, start.args, {
      cwd,
      env,
      execArgv: ['--enable-source-maps'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: ownGroup,
    });
  }
  // A program that shares our terminal must stay in our process group to be allowed to read from it.
  if (start.stdio === 'inherit') return spawn(start.command, start.args, { cwd, env, stdio: 'inherit' });
  return spawn(start.command, start.args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: ownGroup });
}

function startTracked(options: RunProcessOptions): { readonly tracked: TrackedProcess; readonly meter?: TreeMeter } {
  let meter: TreeMeter | undefined;
  const start = (): ChildProcess => {
    const child = startProcess(options);
    if (child.pid !== undefined) meter = new TreeMeter(child.pid);
    return child;
  };
  try {
    const tracked = new TrackedProcess(start, { marksLineage: true });
    return { tracked, ...defined({ meter }) };
  } catch (error) {
    throw toStartError(options.launch, error);
  }
}

function toStartError({ start, cwd, workspace }: RunProcessOptions['launch'], error: unknown): HumanError {
  const command = start.kind === 'command' ? start.command : process.execPath;
  return explainStartError({ command, cwd: cwd ?? workspace }, error);
}
