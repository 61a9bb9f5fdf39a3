/**
 * The host's end of a run that outlives it: starts a keeper (`src/keeper`), or finds the one that an earlier host left, and
 * hears from it what a program of our own would tell. To hang up costs the program nothing.
 */
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HumanError } from '../../core/human-error.ts';
import type { Control, Signal, Wishes } from '../../protocol/control.ts';
import { defined } from '../../protocol/defined.ts';
import { isRecord, isText } from '../../protocol/guard.ts';
import { isKept, type Kept } from '../../protocol/keeper-message.ts';
import type { Ended } from '../run/child.ts';
import { keeperEnvironment } from '../run/guest-environment.ts';
import type { LaunchSpec, ListenStart } from '../run/launch-spec.ts';
import { killTree } from '../run/process-tree.ts';
import type { Started, StartOptions } from '../run/start-run.ts';
import type { Errand, KeptLaunch } from './run-note.ts';

/** How long a keeper waits for the next host, such as a window that is being reloaded. */
export const patienceMs = 30_000;

export interface Ears extends Pick<StartOptions, 'onOutput'> {
  readonly runId: string;
  /** A batch, or what should be one; `past` where it tells of a time before we listened. */
  readonly onMessage: (message: unknown, past?: boolean) => void;
  readonly onFault: (what: string, times?: number) => void;
  readonly log: (line: string) => void;
  /** Where nothing is started: what programs need in their environment to report. */
  readonly onEnvironment?: (variables: NodeJS.ProcessEnv) => void;
}

/** Why there is no keeper to be heard: it has ended, or another host has it. */
export type Absence = 'gone' | 'taken';

/** Whether a keeper can hold what is described: a built-in pipeline speaks by its own channel, and a terminal is ours. */
export function canBeKept({ start }: LaunchSpec): boolean {
  return start.kind === 'listen' || (start.kind === 'command' && start.stdio === 'pipe');
}

/** What can be written down of a launch that can be kept. */
export function keptLaunchOf({ start, ...described }: LaunchSpec): KeptLaunch {
  if (start.kind === 'module') throw new TypeError('A built-in pipeline is not kept.');
  return { ...described, start: start.kind === 'listen' ? listenOf(start) : start };
}

function listenOf({ kind, port }: ListenStart): KeptLaunch['start'] {
  return { kind, ...defined({ port }) };
}

/** Starts a keeper; resolves with the address at which it waits for a host, to start the program then. */
export async function startKeeper(errand: Errand): Promise<string> {
  const module = join(errand.dist, 'keeper.js');
  if (!existsSync(module)) throw new HumanError(`This installation lacks ${module}. Install it again.`);
  const keeper = fork(module, [], {
    cwd: tmpdir(),
    env: keeperEnvironment(),
    execArgv: [],
    // Neither a signal to our group nor the end of our terminal is meant for it.
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const address = await new Promise<string>((resolve, reject) => {
    const failed = (): void => reject(new HumanError('The program could not be started in the background. Try again.'));
    keeper.once('error', failed).once('exit', failed);
    keeper.once('message', (word: unknown) => {
      if (isRecord(word) && isText(word['address'])) resolve(word['address']);
      else failed();
    });
    keeper.send(errand, () => undefined);
  });
  keeper.unref();
  return address;
}

/** Hears the keeper at an address; resolves when it has told everything that was before. */
export async function hearKeeper(address: string, ears: Ears): Promise<Started | Absence> {
  const socket = connect(address);
  const line = new Line(socket, ears);
  const absence = await line.opened;
  return absence ?? line;
}

/** One connection to a keeper. */
class Line implements Started {
  readonly #socket: Socket;
  readonly #ears: Ears;
  readonly #end = Promise.withResolvers<Ended>();
  readonly #opened = Promise.withResolvers<Absence | undefined>();
  #pid: number | undefined;
  #past = true;
  #printed = 0;
  #faults = 0;
  #left = false;
  #over = false;

  constructor(socket: Socket, ears: Ears) {
    this.#socket = socket;
    this.#ears = ears;
    this.#end.promise.catch(() => undefined);
    let heard = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (heard + chunk).split('\n');
      heard = lines.pop() ?? '';
      for (const line of lines) this.#hear(line);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const gone = error.code === 'ENOENT' || error.code === 'ECONNREFUSED';
      this.#opened.resolve(gone ? 'gone' : 'taken');
    });
    socket.on('close', () => void this.#closed());
  }

  /** Nothing where a keeper is heard. */
  get opened(): Promise<Absence | undefined> {
    return this.#opened.promise;
  }

  get ended(): Promise<Ended> {
    return this.#end.promise;
  }

  get child(): Started['child'] {
    return {
      pid: this.#pid,
      kill: (name) => this.#say({ type: 'signal', name: name as Signal }),
      stop: async () => {
        if (this.#left) return;
        this.#say({ type: 'stop' });
        await this.#end.promise.catch(() => undefined);
      },
    };
  }

  wish(wishes: Wishes): void {
    this.#say({ type: 'wish', wishes });
  }

  /** Hangs up: the keeper waits for the next host. */
  leave(): void {
    this.#left = true;
    this.#socket.destroy();
  }

  #hear(line: string): void {
    const word = parsed(line);
    if (isKept(word)) this.#heed(word);
    // The first word is the welcome that every guest of a listener gets.
    else if (!isRecord(word) || word['type'] !== 'welcome') this.#ears.onMessage(word, this.#past);
  }

  #heed(word: Kept): void {
    const { onEnvironment, onOutput, onFault } = this.#ears;
    switch (word.type) {
      case 'started':
        this.#past = false;
        this.#pid = word.pid;
        if (word.environment) onEnvironment?.(word.environment);
        this.#opened.resolve(undefined);
        break;
      case 'output':
        if (word.at > this.#printed) onOutput('stderr', `… ${word.at - this.#printed} characters are left out …\n`);
        this.#printed = word.at + word.text.length;
        onOutput(word.stream, word.text);
        break;
      case 'faults':
        if (word.times > this.#faults) onFault(word.first, word.times - this.#faults);
        this.#faults = word.times;
        break;
      case 'ended':
        this.#finish();
        this.#end.resolve(word);
        break;
      case 'failed':
        this.#finish();
        this.#end.reject(new HumanError(word.message));
        break;
    }
  }

  /** The run is over and known: the keeper may go. */
  #finish(): void {
    this.#over = true;
    this.#opened.resolve(undefined);
    this.#say({ type: 'stop' });
    this.#socket.end();
  }

  async #closed(): Promise<void> {
    this.#opened.resolve('taken');
    if (this.#left || this.#over) return;
    // Nobody holds the program any more, so nobody could end it later.
    if (this.#pid !== undefined) await killTree(this.#pid, this.#ears.runId, 0);
    this.#ears.log('the process that held the program has ended, so the program was ended too');
    this.#end.resolve({ signal: 'SIGKILL', stderr: '', stopped: false });
  }

  #say(word: Control): void {
    if (this.#socket.writable) this.#socket.write(`${JSON.stringify(word)}\n`);
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
