/** One child process: started without a shell, its output kept short, its end told, its whole tree ended on stop. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { HumanError } from '../../core/human-error.ts';
import type { Control } from '../../protocol/control.ts';
import type { CommandStart, LaunchSpec, ModuleStart } from './launch-spec.ts';
import { killTree } from './process-tree.ts';

/** Output kept for a sentence on a failure; the rest is let go. */
const outputKept = 64 * 1024;
/** Time that a stopped pipeline has to end in order, then to obey a signal. */
const orderlyMs = 2000;
const signalMs = 1000;
/** Time for the last messages to arrive after the process has ended. */
const drainMs = 2000;

export interface Ended {
  /** Wall time from the start of the process to its exit; what came in late is not waited for. */
  readonly wallNs?: number;
  readonly exitCode?: number;
  readonly signal?: string;
  /** The end of what it wrote to standard error, where we read it. */
  readonly stderr: string;
  readonly stopped: boolean;
}

export interface ChildOptions {
  readonly launch: LaunchSpec & { readonly start: ModuleStart | CommandStart };
  readonly runId: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onMessage: (message: unknown) => void;
  readonly onOutput: (stream: 'stdout' | 'stderr', text: string) => void;
}

export class Child {
  readonly #process: ChildProcess;
  readonly #runId: string;
  readonly #startMs = performance.now();
  #stopped = false;
  #exited = false;
  /** Resolves when the process has ended and all that it sent has arrived; rejects when it could not start. */
  readonly ended: Promise<Ended>;

  constructor(options: ChildOptions) {
    this.#runId = options.runId;
    this.#process = startOf(options);
    this.ended = this.#watch(options);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  send(control: Control): void {
    if (this.#process.connected) this.#process.send(control, () => undefined);
  }

  kill(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** Lets what it prints wait in its pipes, or read on. */
  hold(wait: boolean): void {
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      if (stream && stream.isPaused() !== wait) stream[wait ? 'pause' : 'resume']();
    }
  }

  /** Asks a built-in pipeline to end in order; then tells it, then ends the whole tree by force. */
  async stop(): Promise<void> {
    if (this.#exited) return;
    this.#stopped = true;
    const pid = this.#process.pid;
    if (this.#process.connected) {
      this.send({ type: 'stop' });
      const orderly = await Promise.race([this.#exit().then(() => true), after(orderlyMs)]);
      if (pid !== undefined) await killTree(pid, this.#runId, orderly ? 0 : signalMs);
    } else if (pid !== undefined) await killTree(pid, this.#runId, orderlyMs);
    await Promise.race([this.ended, after(drainMs)]);
  }

  #exit(): Promise<void> {
    return new Promise((done) => {
      if (this.#exited) done();
      else this.#process.once('exit', () => done());
    });
  }

  #watch({ launch, onMessage, onOutput }: ChildOptions): Promise<Ended> {
    const child = this.#process;
    let stderr = '';
    child.on('message', onMessage);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => onOutput('stdout', text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-outputKept);
      onOutput('stderr', text);
    });
    const drained = Promise.all([
      child.channel ? new Promise<void>((done) => child.once('disconnect', done)) : undefined,
      new Promise<void>((done) => child.once('close', () => done())),
    ]);
    return new Promise((resolve, reject) => {
      child.once('error', (error) => {
        this.#exited = true;
        reject(couldNotStart(launch, error));
      });
      child.once('exit', async (code, signal) => {
        this.#exited = true;
        const wallNs = (performance.now() - this.#startMs) * 1e6;
        // A grandchild may hold the pipes open for ever: what has not come by then is not waited for.
        await Promise.race([drained, after(drainMs)]);
        resolve({
          ...(code === null ? {} : { exitCode: code }),
          ...(signal === null ? {} : { signal }),
          wallNs,
          stderr,
          stopped: this.#stopped,
        });
      });
    });
  }
}

function startOf({ launch, env }: ChildOptions): ChildProcess {
  const { start } = launch;
  const cwd = launch.cwd ?? launch.workspace;
  // A group of its own, so that its descendants can be ended with it; but one that has our terminal must stay in it.
  const detached = process.platform !== 'win32';
  if (start.kind === 'module') {
    const stdio = ['ignore', 'pipe', 'pipe', 'ipc'] as const;
    return fork(start.module, start.args, {
      cwd,
      env,
      execArgv: ['--enable-source-maps'],
      stdio: [...stdio],
      detached,
    });
  }
  if (start.stdio === 'inherit') return spawn(start.command, start.args, { cwd, env, stdio: 'inherit' });
  return spawn(start.command, start.args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached });
}

function couldNotStart({ pipeline, start }: ChildOptions['launch'], error: NodeJS.ErrnoException): HumanError {
  if (start.kind === 'command' && error.code === 'ENOENT') {
    return new HumanError(`There is no program “${start.command}”. Give its full path, or add its folder to the PATH.`);
  }
  return new HumanError(`${pipeline.title} could not be started: ${error.message}.`);
}

function after(ms: number): Promise<false> {
  return new Promise((done) => {
    setTimeout(() => done(false), ms).unref();
  });
}
