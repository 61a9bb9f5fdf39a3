/**
 * The socket by which a guest speaks to a host: one JSON object a line each way.
 *
 * It connects by itself and again when the line breaks. A host that says the same name goes on where it was: the last
 * lines are said again, and what it knows it ignores by its number. Another name is a host that knows nothing: it is told
 * everything as one batch for each source.
 */
import { connect, type Socket } from 'node:net';
import { type Control, isControl } from '../../protocol/control.ts';
import { defined } from '../../protocol/defined.ts';
import type { Batch, Hello } from '../../protocol/event.ts';
import { Ledger } from './source-totals.ts';

export interface WireOptions {
  /** Path of a local socket or named pipe, or `127.0.0.1:PORT`. */
  readonly address: string;
  readonly token?: string;
  readonly onControl: (control: Control) => void;
  /** Whether this connection keeps its thread alive. */
  readonly stays: boolean;
}

interface Source {
  readonly ledger: Ledger;
  hello?: Hello;
  next: number;
}

/** Bytes said that are kept to be said again: more than a socket of a local host holds unread. */
const repeatedBytes = 512 * 1024;
/** Bytes on their way before examples are left out, and before nothing more is taken. */
const someBytes = 256 * 1024;
const fullBytes = 1024 * 1024;
const firstRetryMs = 250;
const lastRetryMs = 2000;
/** Longest word of a host. */
const longestControl = 8 * 1024 * 1024;

export class Wire {
  readonly #options: WireOptions;
  readonly #sources = new Map<string, Source>();
  /** Newest last: sent and perhaps lost with the line, or not yet sent. */
  #lines: string[] = [];
  #bytes = 0;
  #socket: Socket | undefined;
  #welcomed = false;
  #host: string | undefined;
  #retryMs = firstRetryMs;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: WireOptions) {
    this.#options = options;
    this.#connect();
  }

  /** Bytes that wait for the host. */
  get backlog(): number {
    return this.#welcomed ? (this.#socket?.writableLength ?? 0) : this.#bytes;
  }

  get pressure(): 'none' | 'some' | 'full' {
    return this.backlog > fullBytes ? 'full' : this.backlog > someBytes ? 'some' : 'none';
  }

  /** Whether a host listens now. */
  get connected(): boolean {
    return this.#welcomed;
  }

  /** Numbers the batch and sends it; while there is no line it waits. */
  send(batch: Batch): void {
    const source = this.#sources.get(batch.source) ?? { ledger: new Ledger(), next: 0 };
    this.#sources.set(batch.source, source);
    const hello = batch.hello && { ...batch.hello, ...(this.#options.token ? { token: this.#options.token } : {}) };
    if (hello) source.hello = hello;
    const numbered: Batch = { ...batch, ...defined({ hello }), sequence: source.next++ };
    source.ledger.add(numbered);
    this.#say(numbered);
  }

  /** Ends the line when all has left, or at once where there is none. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    if (!socket || !this.#welcomed) socket?.destroy();
    else
      await new Promise<void>((done) =>
        socket
          .ref()
          .once('close', () => done())
          .end(() => done()),
      );
  }

  #say(batch: Batch): void {
    // The first host is told everything at once.
    if (this.#host === undefined) return;
    const line = `${JSON.stringify(batch)}\n`;
    this.#lines.push(line);
    this.#bytes += line.length;
    if (!this.#welcomed) return;
    this.#socket?.write(line);
    while (this.#bytes > repeatedBytes && this.#lines.length > 1) this.#bytes -= this.#lines.shift()?.length ?? 0;
  }

  #connect(): void {
    const network = /^127\.0\.0\.1:(\d+)$/.exec(this.#options.address);
    const socket = network ? connect(Number(network[1]), '127.0.0.1') : connect(this.#options.address);
    this.#socket = socket;
    // A program that is shorter than a connection takes waits for its first one, which comes or fails at once.
    if (!this.#options.stays && this.#retryMs > firstRetryMs) socket.unref();
    let heard = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      const lines = (heard + chunk).split('\n');
      heard = lines.pop() ?? '';
      if (heard.length > longestControl) socket.destroy();
      for (const line of lines) this.#hear(line);
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#again());
  }

  #again(): void {
    this.#welcomed = false;
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.#connect(), this.#retryMs);
    if (!this.#options.stays) this.#timer.unref();
    this.#retryMs = Math.min(2 * this.#retryMs, lastRetryMs);
  }

  #hear(line: string): void {
    let control: unknown;
    try {
      control = JSON.parse(line);
    } catch {
      return;
    }
    if (!isControl(control)) return;
    if (control.type === 'welcome') this.#resume(control.host);
    else this.#options.onControl(control);
  }

  #resume(host: string): void {
    this.#retryMs = firstRetryMs;
    this.#welcomed = true;
    if (!this.#options.stays) this.#socket?.unref();
    if (host === this.#host) {
      // Proves who speaks on this line; its number is known, so it is not counted.
      for (const [source, { hello }] of this.#sources)
        if (hello) this.#socket?.write(`${JSON.stringify(named(source, hello))}\n`);
      for (const line of this.#lines) this.#socket?.write(line);
      return;
    }
    this.#host = host;
    this.#lines = [];
    this.#bytes = 0;
    for (const source of this.#sources.values()) {
      const whole = source.ledger.whole();
      source.next = 1;
      if (whole) this.#say(whole);
    }
  }
}

function named(source: string, hello: Hello): Batch {
  return { v: 1, source, sequence: 0, atNs: 0, hello, cost: { events: 0, flushNs: 0 } };
}
