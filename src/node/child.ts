/** One child process of ours: started without a shell, its output kept short, its end told in one sentence. */
import { fork } from 'node:child_process';
import { HumanError } from '../core/error.ts';
import type { Control } from '../protocol/control.ts';
import { ipcVariable, runVariable } from '../protocol/environment.ts';
import type { Launch } from './launch.ts';
import { killTree } from './tree.ts';

/** Output kept for the log and for a sentence on a failure; the rest is counted and let go. */
const outputKept = 64 * 1024;
/** Time that a stopped pipeline has to end in order, then to obey a signal. */
const orderlyMs = 2000;
const signalMs = 1000;
/** Time for the last messages to arrive after the process has ended. */
const drainMs = 2000;

export interface Ended {
  readonly exitCode?: number;
  readonly signal?: string;
  /** The end of what it wrote to standard error. */
  readonly stderr: string;
  readonly stopped: boolean;
}

export interface ChildOptions {
  readonly launch: Launch;
  readonly runId: string;
  /** Added to the host's environment. */
  readonly env?: NodeJS.ProcessEnv;
  readonly onMessage: (message: unknown) => void;
  readonly onOutput: (stream: 'stdout' | 'stderr', text: string) => void;
}

export class Child {
  readonly #process: ReturnType<typeof fork>;
  readonly #runId: string;
  #stopped = false;
  #exited = false;
  /** Resolves when the process has ended and all that it sent has arrived; rejects when it could not start. */
  readonly ended: Promise<Ended>;

  constructor(options: ChildOptions) {
    const { launch, runId } = options;
    this.#runId = runId;
    this.#process = fork(launch.module, launch.args, {
      cwd: launch.workspace,
      env: { ...environment(runId), ...options.env },
      execArgv: ['--enable-source-maps'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own, so that its descendants can be ended with it.
      detached: process.platform !== 'win32',
    });
    this.ended = this.#watch(options);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  send(control: Control): void {
    if (this.#process.connected) this.#process.send(control, () => undefined);
  }

  /** Asks it to end in order, then tells it, then ends the whole tree by force. */
  async stop(): Promise<void> {
    if (this.#exited) return;
    this.#stopped = true;
    this.send({ type: 'stop' });
    const orderly = await Promise.race([this.#exit().then(() => true), after(orderlyMs)]);
    const pid = this.#process.pid;
    if (pid !== undefined) await killTree(pid, this.#runId, orderly ? 0 : signalMs);
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
      new Promise<void>((done) => child.once('disconnect', done)),
      new Promise<void>((done) => child.once('close', () => done())),
    ]);
    return new Promise((resolve, reject) => {
      child.once('error', (error) => {
        this.#exited = true;
        reject(new HumanError(`${launch.pipeline.title} could not be started: ${error.message}.`));
      });
      child.once('exit', async (code, signal) => {
        this.#exited = true;
        // A grandchild may hold the pipes open for ever: what has not come by then is not waited for.
        await Promise.race([drained, after(drainMs)]);
        resolve({
          ...(code === null ? {} : { exitCode: code }),
          ...(signal === null ? {} : { signal }),
          stderr,
          stopped: this.#stopped,
        });
      });
    });
  }
}

/** The host's own environment, less what would make Node or the editor behave differently in the child. */
function environment(runId: string): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _options, VSCODE_INSPECTOR_OPTIONS: _inspector, ...env } = process.env;
  return {
    ...env,
    [ipcVariable]: '1',
    [runVariable]: runId,
    ...(process.versions['electron'] ? { ELECTRON_RUN_AS_NODE: '1' } : {}),
  };
}

function after(ms: number): Promise<false> {
  return new Promise((done) => {
    setTimeout(() => done(false), ms).unref();
  });
}
