/** The process of one run: started without a shell, with its output passed on and its exit reported. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { HumanError } from '../../core/human-error.ts';
import { OutputTail } from '../../process/output-tail.ts';
import { settlesWithin } from '../../process/settles-within.ts';
import { ownGroup, TrackedProcess } from '../../process/tracked-process.ts';
import type { Control } from '../../protocol/control.ts';
import { defined } from '../../protocol/defined.ts';
import { runVariable } from '../../protocol/environment-variables.ts';
import type { CommandStart, LaunchSpec, ModuleStart } from './launch-spec.ts';

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
}

export interface RunProcessOptions {
  readonly launch: LaunchSpec & { readonly start: ModuleStart | CommandStart };
  readonly runId: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onMessage: (message: unknown) => void;
  readonly onOutput: (stream: 'stdout' | 'stderr', text: string) => void;
}

export class RunProcess {
  readonly #process: TrackedProcess;
  readonly #runId: string;
  #isStopped = false;
  /** Resolves when the process has exited and its output has arrived. Rejects with a HumanError if it cannot start. */
  readonly ended: Promise<RunExit>;

  constructor(options: RunProcessOptions) {
    this.#runId = options.runId;
    this.#process = new TrackedProcess(() => startProcess(options));
    this.ended = this.#follow(options);
  }

  get pid(): number | undefined {
    return this.#process.child.pid;
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

  /** Asks a built-in pipeline to stop, then sends SIGTERM and finally SIGKILL to the whole process tree. */
  async stop(): Promise<void> {
    if (this.#process.hasExited) return;
    this.#isStopped = true;
    if (this.#process.child.connected) {
      this.send({ type: 'stop' });
      const hasExited = await settlesWithin(this.#process.exited, orderlyMs);
      await this.#killTree(hasExited ? 0 : signalMs);
    } else await this.#killTree(orderlyMs);
    await settlesWithin(this.ended, drainMs);
  }

  async #killTree(graceMs: number): Promise<void> {
    await this.#process.kill({ marker: `${runVariable}=${this.#runId}`, graceMs });
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
    const { code, signal, wallNs } = await exited.catch((error: NodeJS.ErrnoException) => {
      throw toStartError(launch, error);
    });
    await this.#process.drain(drainMs);
    return {
      ...defined({ exitCode: code ?? undefined, signal: signal ?? undefined }),
      wallNs,
      stderr: stderr.text,
      stopped: this.#isStopped,
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

function toStartError({ pipeline, start }: RunProcessOptions['launch'], error: NodeJS.ErrnoException): HumanError {
  if (start.kind === 'command' && error.code === 'ENOENT') {
    return new HumanError(`Program not found: “${start.command}”. Enter its full path, or add its folder to the PATH.`);
  }
  return new HumanError(`Could not start ${pipeline.title}: ${error.message}.`);
}
