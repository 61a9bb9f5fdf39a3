/** The host's connection to a keeper, the process that holds a program so that the program outlives the host. */
import type { Socket } from 'node:net';
import { HumanError } from '../../core/human-error.ts';
import { killTree } from '../../process/kill-tree.ts';
import { readLineageMark } from '../../process/lineage-mark.ts';
import type { Control, ProbeConfig, Signal } from '../../protocol/control.ts';
import { defined } from '../../protocol/defined.ts';
import { runVariable } from '../../protocol/environment-variables.ts';
import { isKeeperMessage, type KeeperMessage } from '../../protocol/keeper-message.ts';
import { parseJson } from '../../protocol/parse-json.ts';
import { isRecord } from '../../protocol/schema.ts';
import { LineReader } from '../run/guests/line-reader.ts';
import type { RunExit } from '../run/run-process.ts';
import type { RunHandle } from '../run/start-run.ts';
import type { RunEvents } from './run-events.ts';

/** Reason why a keeper cannot be used: it has ended, or another host is connected to it. */
export type KeeperAbsence = 'gone' | 'taken';

type ConnectionState =
  /** The keeper sends what was recorded before this host connected. */
  | { readonly phase: 'catching-up' }
  | { readonly phase: 'running'; readonly pid: number | undefined }
  | { readonly phase: 'ended' }
  /** The host has disconnected, and the program continues to run. */
  | { readonly phase: 'detached' };

export class KeeperConnection implements RunHandle {
  readonly #socket: Socket;
  readonly #events: RunEvents;
  readonly #ended = Promise.withResolvers<RunExit>();
  readonly #opened = Promise.withResolvers<KeeperAbsence | undefined>();
  #state: ConnectionState = { phase: 'catching-up' };
  #printedLength = 0;
  #faults = { times: 0, calls: 0, values: 0 };

  constructor(socket: Socket, events: RunEvents) {
    this.#socket = socket;
    this.#events = events;
    this.#ended.promise.catch(() => undefined);
    const lines = new LineReader();
    socket.on('data', (chunk: Buffer) => {
      lines.push(chunk, (line) => {
        this.#receive(line);
        return true;
      });
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const isGone = error.code === 'ENOENT' || error.code === 'ECONNREFUSED';
      this.#opened.resolve(isGone ? 'gone' : 'taken');
    });
    socket.on('close', () => void this.#onClose());
  }

  /** Resolves with undefined once everything recorded before has arrived, or with the reason why there is no keeper. */
  get opened(): Promise<KeeperAbsence | undefined> {
    return this.#opened.promise;
  }

  get ended(): Promise<RunExit> {
    return this.#ended.promise;
  }

  get child(): RunHandle['child'] {
    return {
      pid: this.#state.phase === 'running' ? this.#state.pid : undefined,
      kill: (name) => this.#send({ type: 'signal', name: name as Signal }),
      stop: async () => {
        if (this.#state.phase === 'detached') return;
        this.#send({ type: 'stop' });
        await this.#ended.promise.catch(() => undefined);
      },
    };
  }

  configure(probeConfig: ProbeConfig): void {
    this.#send({ type: 'wish', wishes: probeConfig });
  }

  /** Disconnects; the keeper then waits for the next host. */
  detach(): void {
    this.#send({ type: 'detach' });
    this.#state = { phase: 'detached' };
    // The keeper closes the connection when it reads this. If it were closed here, the keeper might write to it before reading,
    // fail, and take this host for lost.
    this.#socket.end();
    this.#socket.unref();
  }

  #receive(line: string): void {
    if (this.#state.phase === 'detached') return;
    const message = parseJson(line);
    if (isKeeperMessage(message)) this.#handle(message);
    // Ignore the welcome message, which every guest of a listener receives first.
    else if (!isRecord(message) || message['type'] !== 'welcome') {
      this.#events.onMessage(message, this.#state.phase === 'catching-up');
    }
  }

  #handle(message: KeeperMessage): void {
    const { onEnvironment, onOutput } = this.#events;
    switch (message.type) {
      case 'started':
        this.#state = { phase: 'running', pid: message.pid };
        if (message.environment) onEnvironment?.(message.environment);
        this.#opened.resolve(undefined);
        break;
      case 'output': {
        const omittedLength = message.at - this.#printedLength;
        if (omittedLength > 0) onOutput('stderr', `… ${omittedLength} characters omitted …\n`);
        this.#printedLength = message.at + message.text.length;
        onOutput(message.stream, message.text);
        break;
      }
      case 'faults':
        this.#handleFaults(message);
        break;
      case 'clock':
        this.#events.onElapsed?.(message.elapsedMs);
        break;
      case 'ended':
        this.#finish();
        this.#ended.resolve(message);
        break;
      case 'failed':
        this.#finish();
        this.#ended.reject(new HumanError(message.message));
        break;
    }
  }

  #handleFaults({ times, first, calls = 0, values = 0 }: Extract<KeeperMessage, { readonly type: 'faults' }>): void {
    const previous = this.#faults;
    this.#faults = { times, calls, values };
    if (times <= previous.times) return;
    const records = { calls: Math.max(0, calls - previous.calls), values: Math.max(0, values - previous.values) };
    this.#events.onFault(first, times - previous.times, records);
  }

  /** Confirms the end of the run, so that the keeper exits. */
  #finish(): void {
    this.#state = { phase: 'ended' };
    this.#opened.resolve(undefined);
    this.#send({ type: 'stop' });
    this.#socket.end();
  }

  async #onClose(): Promise<void> {
    this.#opened.resolve('taken');
    // A connection that was refused, because another host holds the run, never runs.
    if (this.#state.phase !== 'running') return;
    const { pid } = this.#state;
    // The keeper has ended unexpectedly. Without it, no later host could stop the program.
    if (pid !== undefined) await this.#killProgram(pid);
    this.#events.log('the keeper process ended unexpectedly, so the program was terminated');
    this.#ended.resolve({ signal: 'SIGKILL', stderr: '', stopped: false });
  }

  async #killProgram(pid: number): Promise<void> {
    const mark = readLineageMark(pid);
    const marker = `${runVariable}=${this.#events.runId}`;
    await killTree({ pid, ...defined({ mark }) }, { marker, graceMs: 0 });
  }

  #send(control: Control): void {
    if (this.#socket.writable) this.#socket.write(`${JSON.stringify(control)}\n`);
  }
}
