import { connect, type Socket } from 'node:net';
import type { Batch, Hello } from '../../protocol/batch/batch.ts';
import { maxSources } from '../../protocol/batch/limits.ts';
import { BatchNumbering } from '../../protocol/batch/sequence.ts';
import { SourceTotals } from '../../protocol/batch/source-totals.ts';
import { type Control, isControl } from '../../protocol/control.ts';
import { defined } from '../../protocol/defined.ts';
import { parseJson } from '../../protocol/parse-json.ts';
import { splitBatch } from './split-batch.ts';

interface HostConnectionOptions {
  /** Path of a local socket or named pipe, or `127.0.0.1:PORT`. */
  readonly address: string;
  /** Sent with every hello, to authenticate on a network address. */
  readonly token?: string;
  readonly onControl: (control: Control) => void;
  /** Called when the connection is lost. By default, the host is expected to come back. */
  readonly onDisconnected?: () => void;
  readonly keepsThreadAlive: boolean;
}

interface Source {
  /** Everything so far, for a host that connects later. */
  readonly totals: SourceTotals;
  numbering: BatchNumbering;
  /** Batches merged since the host cannot be sent to; undefined while it can. */
  unsent: SourceTotals | undefined;
  /** True after a reconnect: the batch with the definitions may be among those that were lost. */
  mustRedefine: boolean;
  /** True once the first batch was sent. */
  hasStarted: boolean;
  hasEnded: boolean;
  hello?: Hello;
}

interface SentLine {
  readonly line: string;
  /** The source whose first batch this is; it contains the hello. */
  readonly startedSource: Source | undefined;
}

/** A socket counts as connected only after the host's `welcome`. */
type State =
  | { readonly phase: 'connecting' | 'connected'; readonly socket: Socket }
  | { readonly phase: 'waiting'; readonly timer: NodeJS.Timeout }
  | { readonly phase: 'closing'; readonly socket: Socket; readonly whenSent: Promise<void> };

/** Sent text kept for a reconnect; more than the socket of a local host can hold unread. */
const maxResendLength = 512 * 1024;
/** Numbers of unsent bytes above which the pressure is `some`, and above which batches are merged instead of queued. */
const minBytesForSomePressure = 64 * 1024;
const maxQueuedBytes = 256 * 1024;
/** Maximum length of one line; a host refuses lines of 16 MiB. */
const maxLineLength = 1024 * 1024;
const firstRetryMs = 250;
const maxRetryMs = 2000;
/** Maximum time that closing waits for the host. */
const maxCloseMs = 1000;
const maxControlLength = 8 * 1024 * 1024;

/**
 * Connection of a guest to its host: a socket with one JSON object per line in each direction. Reconnects by itself.
 *
 * While the host does not read or is away, batches are merged, so that memory grows with the number of operations and not
 * with time. If the same host answers after a reconnect, the last batches are sent again; the host ignores repeats by their
 * sequence numbers. Another host has no state, so it receives the totals of each source.
 */
export class HostConnection {
  readonly #options: HostConnectionOptions;
  readonly #sources = new Map<string, Source>();
  /** Distinguishes this connection from others of the process, and stays the same when it reconnects. */
  readonly #instance = `${process.pid}.${process.hrtime.bigint()}`;
  /** Lines that were sent but may be lost with the connection; oldest first. */
  #unconfirmedLines: SentLine[] = [];
  #unconfirmedLength = 0;
  /** Name of the last host. */
  #host: string | undefined;
  #retryMs = firstRetryMs;
  #state: State;

  constructor(options: HostConnectionOptions) {
    this.#options = options;
    this.#state = { phase: 'connecting', socket: this.#open() };
  }

  /** Number of bytes that the system has not accepted yet. */
  get backlog(): number {
    return this.#state.phase === 'connected' ? this.#state.socket.writableLength : 0;
  }

  /** Backpressure, see `Pressure` in `transport.ts`. */
  get pressure(): 'none' | 'some' | 'full' {
    if (!this.#canSend()) return 'full';
    return this.backlog > minBytesForSomePressure ? 'some' : 'none';
  }

  get isConnected(): boolean {
    return this.#state.phase === 'connected';
  }

  /** Numbers a batch and sends it. While the host cannot be sent to, it is merged into the next one. */
  send(batch: Batch): void {
    const source = this.#sources.get(batch.source) ?? this.#createSource(batch.source);
    const { token } = this.#options;
    const hello = batch.hello && { ...batch.hello, instance: this.#instance, ...(token ? { token } : {}) };
    if (hello) source.hello = hello;
    source.hasEnded ||= batch.bye !== undefined;
    const identified = { ...batch, ...defined({ hello }) };
    source.totals.add(identified);
    // The first host receives the totals when it connects.
    if (this.#host === undefined) return;
    if (!source.unsent && this.#canSend()) {
      this.#write(source, identified);
      return;
    }
    source.unsent ??= new SourceTotals();
    source.unsent.add(identified);
  }

  /** Sends what is left and closes the connection. Resolves once that is done, or the host does not accept it in time. */
  close(): Promise<void> {
    const state = this.#state;
    if (state.phase === 'closing') return state.whenSent;
    if (state.phase === 'waiting') clearTimeout(state.timer);
    const socket = state.phase === 'waiting' ? this.#open() : state.socket;
    this.#state = { phase: 'closing', socket, whenSent: whenEnded(socket) };
    if (state.phase === 'connected') this.#sendUnsent();
    // A first host reads what is there once it gets to it, even if this process has ended by then.
    else if (this.#host === undefined) this.#sendTotals();
    // Another host must send its name first, because it needs the totals.
    if (state.phase === 'connected' || this.#host === undefined) socket.end();
    return this.#state.whenSent;
  }

  /** Forgets a thread that has ended if there are too many; only another host would still need it. */
  #createSource(name: string): Source {
    const source = {
      totals: new SourceTotals(),
      numbering: new BatchNumbering(),
      unsent: undefined,
      mustRedefine: false,
      hasStarted: false,
      hasEnded: false,
    };
    if (this.#sources.size >= maxSources) {
      for (const [endedName, { hasEnded, unsent }] of this.#sources) {
        if (!hasEnded || unsent) continue;
        this.#sources.delete(endedName);
        break;
      }
    }
    this.#sources.set(name, source);
    return source;
  }

  /** True if the host is expected to read what is sent. */
  #canSend(): boolean {
    return this.#state.phase === 'connected' && this.#state.socket.writableLength <= maxQueuedBytes;
  }

  #write(source: Source, batch: Batch): void {
    const state = this.#state;
    if (state.phase !== 'connected' && state.phase !== 'closing') return;
    const { definitions, stackNodes } = (source.mustRedefine && source.totals.toBatch()) || batch;
    source.mustRedefine = false;
    const complete = { ...batch, ...defined({ definitions, stackNodes }) };
    let startedSource: Source | undefined;
    const number = (part: Batch): Batch => {
      const numbered = source.numbering.number(part);
      if (numbered.sequence === 0) startedSource = source;
      source.hasStarted = true;
      return numbered;
    };
    for (const text of splitBatch(complete, maxLineLength, number)) {
      const line = `${text}\n`;
      state.socket.write(line);
      this.#unconfirmedLines.push({ line, startedSource });
      startedSource = undefined;
      this.#unconfirmedLength += line.length;
    }
    this.#confirm(state.socket);
  }

  /** Forgets lines that the host must have read, because the system has accepted enough later ones. */
  #confirm(socket: Socket): void {
    while (this.#unconfirmedLength - socket.writableLength > maxResendLength && this.#unconfirmedLines.length > 1)
      this.#unconfirmedLength -= this.#unconfirmedLines.shift()?.line.length ?? 0;
  }

  /** Sends the merged batches, as far as the host reads them; before the end all of them. */
  #sendUnsent(): void {
    for (const source of this.#sources.values()) {
      const batch = source.unsent?.toBatch();
      if (!batch || !(this.#canSend() || this.#state.phase === 'closing')) continue;
      source.unsent = undefined;
      this.#write(source, batch);
    }
  }

  #sendTotals(): void {
    this.#unconfirmedLines = [];
    this.#unconfirmedLength = 0;
    for (const source of this.#sources.values()) {
      source.numbering = new BatchNumbering();
      source.unsent = undefined;
      const batch = source.totals.toBatch();
      if (batch) this.#write(source, batch);
    }
  }

  #open(): Socket {
    const network = /^127\.0\.0\.1:(\d+)$/.exec(this.#options.address);
    const socket = network ? connect(Number(network[1]), '127.0.0.1') : connect(this.#options.address);
    const { token } = this.#options;
    // On a network address, the host is silent until it has seen the token.
    if (network && token) socket.write(`${JSON.stringify({ type: 'token', token })}\n`);
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
    socket.on('drain', () => {
      this.#confirm(socket);
      this.#sendUnsent();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#retryLater());
    return socket;
  }

  #retryLater(): void {
    if (this.#state.phase === 'closing') return;
    const timer = setTimeout(() => {
      this.#state = { phase: 'connecting', socket: this.#open() };
    }, this.#retryMs);
    if (!this.#options.keepsThreadAlive) timer.unref();
    this.#retryMs = Math.min(2 * this.#retryMs, maxRetryMs);
    this.#state = { phase: 'waiting', timer };
    this.#options.onDisconnected?.();
  }

  #onLine(socket: Socket, line: string): void {
    const control = parseJson(line);
    if (!isControl(control)) return;
    if (control.type === 'welcome') this.#onWelcome(socket, control.host);
    else this.#options.onControl(control);
  }

  #onWelcome(socket: Socket, host: string): void {
    if (socket.writableEnded) return;
    this.#retryMs = firstRetryMs;
    const isClosing = this.#state.phase === 'closing';
    if (!isClosing) this.#state = { phase: 'connected', socket };
    if (!isClosing && !this.#options.keepsThreadAlive) socket.unref();
    const isSameHost = host === this.#host;
    this.#host = host;
    if (isSameHost) this.#resend(socket);
    else this.#sendTotals();
    if (isClosing) socket.end();
  }

  #resend(socket: Socket): void {
    const startedSources = new Set(this.#unconfirmedLines.map(({ startedSource }) => startedSource));
    for (const [name, source] of this.#sources) {
      // The hello authenticates the new connection. It repeats number 0, unless that is still to be sent.
      if (source.hello && source.hasStarted && !startedSources.has(source))
        socket.write(`${JSON.stringify(helloBatch(name, source.hello))}\n`);
      source.mustRedefine = true;
    }
    for (const { line } of this.#unconfirmedLines) socket.write(line);
    this.#sendUnsent();
  }
}

/** Resolves once a socket that is being closed has sent everything or has failed. Gives up after a while. */
function whenEnded(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.destroy(), maxCloseMs);
    const settle = (): void => {
      clearTimeout(timer);
      // The host may be too busy to close its end, and the process must not wait for that.
      socket.unref();
      resolve();
    };
    socket.ref().once('finish', settle).once('close', settle);
  });
}

function helloBatch(source: string, hello: Hello): Batch {
  return { v: 1, source, sequence: 0, atNs: 0, hello, cost: { events: 0, flushNs: 0 } };
}
