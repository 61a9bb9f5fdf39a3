import { connect, type Socket } from 'node:net';
import type { Batch, Hello } from '../../protocol/batch/batch.ts';
import { BatchNumbering } from '../../protocol/batch/sequence.ts';
import { SourceTotals } from '../../protocol/batch/source-totals.ts';
import { type Control, isControl } from '../../protocol/control.ts';
import { defined } from '../../protocol/defined.ts';
import { parseJson } from '../../protocol/parse-json.ts';

interface HostConnectionOptions {
  /** Path of a local socket or named pipe, or `127.0.0.1:PORT`. */
  readonly address: string;
  /** Sent with every hello, to authenticate on a network address. */
  readonly token?: string;
  readonly onControl: (control: Control) => void;
  readonly keepsThreadAlive: boolean;
}

interface Source {
  readonly totals: SourceTotals;
  readonly numbering: BatchNumbering;
  hello?: Hello;
}

/** A socket counts as connected only after the host's `welcome`. */
type State =
  | { readonly phase: 'connecting' | 'connected'; readonly socket: Socket }
  | { readonly phase: 'waiting'; readonly timer: NodeJS.Timeout }
  | { readonly phase: 'closed'; readonly whenSent: Promise<void> };

/** Sent text kept for a reconnect; more than the socket of a local host can hold unread. */
const maxResendLength = 512 * 1024;
/** Numbers of unsent bytes above which the pressure is `some` and `full`. */
const minBytesForSomePressure = 256 * 1024;
const minBytesForFullPressure = 1024 * 1024;
const firstRetryMs = 250;
const maxRetryMs = 2000;
const maxControlLength = 8 * 1024 * 1024;

/**
 * Connection of a guest to its host: a socket with one JSON object per line in each direction. Reconnects by itself.
 *
 * If the same host answers after a reconnect, the last batches are sent again; the host ignores repeats by their sequence
 * numbers. Another host has no state, so it receives the totals of each source as one batch.
 */
export class HostConnection {
  readonly #options: HostConnectionOptions;
  readonly #sources = new Map<string, Source>();
  /** Batches that are not sent yet or may have been lost with the connection; oldest first. */
  #unconfirmedLines: string[] = [];
  #unconfirmedLength = 0;
  /** Name of the last host. */
  #host: string | undefined;
  #retryMs = firstRetryMs;
  #state: State;

  constructor(options: HostConnectionOptions) {
    this.#options = options;
    this.#state = this.#open();
  }

  /** Number of bytes that wait for the host. */
  get backlog(): number {
    return this.#state.phase === 'connected' ? this.#state.socket.writableLength : this.#unconfirmedLength;
  }

  /** Backpressure, see `Pressure` in `transport.ts`. */
  get pressure(): 'none' | 'some' | 'full' {
    return this.backlog > minBytesForFullPressure ? 'full' : this.backlog > minBytesForSomePressure ? 'some' : 'none';
  }

  get isConnected(): boolean {
    return this.#state.phase === 'connected';
  }

  /** Numbers a batch and sends it. While there is no connection, it is kept. */
  send(batch: Batch): void {
    const source = this.#sources.get(batch.source) ?? {
      totals: new SourceTotals(),
      numbering: new BatchNumbering(),
    };
    this.#sources.set(batch.source, source);
    const { token } = this.#options;
    const hello = batch.hello && { ...batch.hello, ...(token ? { token } : {}) };
    if (hello) source.hello = hello;
    const numbered = source.numbering.number({ ...batch, ...defined({ hello }) });
    source.totals.add(numbered);
    this.#write(numbered);
  }

  /** Closes the connection. Resolves once everything has been sent; at once if there is no connection. */
  close(): Promise<void> {
    const state = this.#state;
    if (state.phase === 'closed') return state.whenSent;
    if (state.phase === 'waiting') clearTimeout(state.timer);
    if (state.phase === 'connecting') state.socket.destroy();
    const whenSent = state.phase === 'connected' ? endSocket(state.socket) : Promise.resolve();
    this.#state = { phase: 'closed', whenSent };
    return whenSent;
  }

  #write(batch: Batch): void {
    // The first host receives the totals instead when it connects.
    if (this.#host === undefined) return;
    const line = `${JSON.stringify(batch)}\n`;
    this.#unconfirmedLines.push(line);
    this.#unconfirmedLength += line.length;
    if (this.#state.phase !== 'connected') return;
    this.#state.socket.write(line);
    while (this.#unconfirmedLength > maxResendLength && this.#unconfirmedLines.length > 1)
      this.#unconfirmedLength -= this.#unconfirmedLines.shift()?.length ?? 0;
  }

  #open(): State {
    const network = /^127\.0\.0\.1:(\d+)$/.exec(this.#options.address);
    const socket = network ? connect(Number(network[1]), '127.0.0.1') : connect(this.#options.address);
    // Even a very short program waits for the first attempt, which succeeds or fails at once; but not for later ones.
    if (!this.#options.keepsThreadAlive && this.#retryMs > firstRetryMs) socket.unref();
    let partialLine = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      const lines = (partialLine + chunk).split('\n');
      partialLine = lines.pop() ?? '';
      if (partialLine.length > maxControlLength) socket.destroy();
      for (const line of lines) this.#onLine(socket, line);
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#retryLater());
    return { phase: 'connecting', socket };
  }

  #retryLater(): void {
    if (this.#state.phase === 'closed') return;
    const timer = setTimeout(() => {
      this.#state = this.#open();
    }, this.#retryMs);
    if (!this.#options.keepsThreadAlive) timer.unref();
    this.#retryMs = Math.min(2 * this.#retryMs, maxRetryMs);
    this.#state = { phase: 'waiting', timer };
  }

  #onLine(socket: Socket, line: string): void {
    const control = parseJson(line);
    if (!isControl(control)) return;
    if (control.type === 'welcome') this.#onWelcome(socket, control.host);
    else this.#options.onControl(control);
  }

  #onWelcome(socket: Socket, host: string): void {
    if (this.#state.phase === 'closed') return;
    this.#retryMs = firstRetryMs;
    this.#state = { phase: 'connected', socket };
    if (!this.#options.keepsThreadAlive) socket.unref();
    if (host === this.#host) {
      // The hello authenticates the new connection. It repeats number 0, so the host does not count it as a batch.
      for (const [name, { hello }] of this.#sources)
        if (hello) socket.write(`${JSON.stringify(helloBatch(name, hello))}\n`);
      for (const line of this.#unconfirmedLines) socket.write(line);
      return;
    }
    this.#host = host;
    this.#unconfirmedLines = [];
    this.#unconfirmedLength = 0;
    for (const { totals, numbering } of this.#sources.values()) {
      const batch = totals.toBatch();
      numbering.restart();
      if (batch) this.#write(batch);
    }
  }
}

/** Ends a socket. Resolves once its data has been sent or it has failed. */
function endSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket
      .ref()
      .once('close', () => resolve())
      .end(() => resolve());
  });
}

function helloBatch(source: string, hello: Hello): Batch {
  return { v: 1, source, sequence: 0, atNs: 0, hello, cost: { events: 0, flushNs: 0 } };
}
