/**
 * Accepts connections of guests that are not direct children of the host. Each side sends one JSON object per line.
 *
 * Listens on a Unix socket in a folder that only the current user can enter, or on a named pipe on Windows. For runtimes
 * that support neither, it listens on 127.0.0.1 and requires a token. Guests are not trusted: their messages are
 * validated and the length of a line is limited.
 */
import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isBatch } from '../../protocol/batch/batch.ts';
import { socketVariable, tokenVariable } from '../../protocol/environment-variables.ts';
import { parseJson } from '../../protocol/parse-json.ts';

/** A longer line ends the connection. */
export const maxLineBytes = 16 * 1024 * 1024;
/** Maximum number of connected guests; further ones are rejected. */
const defaultMaxGuests = 256;

export interface GuestListenerOptions {
  readonly onMessage: (message: unknown) => void;
  /** Called for a line that is not JSON or too long, and for a guest without a valid token. */
  readonly onFault: (what: string) => void;
  /** Returns the messages that each new guest receives after the welcome message. */
  readonly greet?: () => readonly object[];
  /** Maximum number of connected guests. */
  readonly maxGuests?: number;
  /** Listens on 127.0.0.1 and requires a token. */
  readonly network?: boolean;
}

export class GuestListener {
  readonly #server: Server;
  readonly #options: GuestListenerOptions;
  readonly #guests = new Set<Socket>();
  readonly #greeted = new Set<Socket>();
  readonly #name = randomUUID();
  readonly #folder: string | undefined;
  readonly #token: string | undefined;
  readonly #path: string;

  private constructor(options: GuestListenerOptions) {
    this.#options = options;
    this.#token = options.network ? randomBytes(24).toString('hex') : undefined;
    const isWindows = process.platform === 'win32';
    // Only the current user can enter a folder created by mkdtemp (0700). Socket paths must be short, hence tmpdir.
    this.#folder = isWindows || options.network ? undefined : mkdtempSync(join(tmpdir(), 'pipescope-'));
    this.#path = this.#folder ? join(this.#folder, 'socket') : `\\\\.\\pipe\\pipescope-${this.#name}`;
    this.#server = createServer((socket) => this.#accept(socket));
    this.#server.maxConnections = options.maxGuests ?? defaultMaxGuests;
  }

  /** Resolves when guests can connect. */
  static async open(options: GuestListenerOptions): Promise<GuestListener> {
    const listener = new GuestListener(options);
    await new Promise<void>((resolve, reject) => {
      listener.#server.once('error', reject);
      const address = options.network ? { host: '127.0.0.1', port: 0 } : { path: listener.#path };
      listener.#server.listen(address, resolve);
    });
    return listener;
  }

  /** Environment variables with which a process finds this listener. */
  get environment(): Readonly<Record<string, string>> {
    const address = this.#server.address();
    if (address === null) return {};
    if (typeof address === 'string') return { [socketVariable]: address };
    return { [socketVariable]: `127.0.0.1:${address.port}`, [tokenVariable]: this.#token ?? '' };
  }

  /** Number of connected guests. */
  get guestCount(): number {
    return this.#guests.size;
  }

  /** Bytes that wait to be sent to guests. */
  get backlogBytes(): number {
    return [...this.#guests].reduce((sum, guest) => sum + guest.writableLength, 0);
  }

  /** Sends a message to all guests that have received the welcome message. */
  broadcast(message: object): void {
    for (const guest of this.#greeted) send(guest, message);
  }

  /** Closes all connections and removes the socket. */
  async close(): Promise<void> {
    for (const guest of this.#guests) guest.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
  }

  #accept(socket: Socket): void {
    let isTrusted = this.#token === undefined;
    this.#guests.add(socket);
    socket.on('close', () => {
      this.#guests.delete(socket);
      this.#greeted.delete(socket);
    });
    // A guest may exit at any moment; the run reports how its program ended.
    socket.on('error', () => socket.destroy());
    this.#readLines(socket, (line) => {
      const message = parseJson(line);
      if (message === undefined) {
        this.#options.onFault('a line that is not valid JSON');
        return;
      }
      isTrusted ||= this.#hasToken(message);
      if (isTrusted) this.#options.onMessage(message);
      else {
        this.#options.onFault('a message without a valid token');
        socket.destroy();
      }
    });
    // The guest may already have sent everything and closed. Writing to a closed socket would fail before its data is
    // read, so read first and greet one loop turn later.
    setImmediate(() => setImmediate(() => this.#greet(socket)));
  }

  #readLines(socket: Socket, onLine: (line: string) => void): void {
    let partialLine: Buffer[] = [];
    let partialBytes = 0;
    socket.on('data', (chunk: Buffer) => {
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        const line = Buffer.concat([...partialLine, chunk.subarray(start, end)]).toString('utf8');
        [partialLine, partialBytes, start] = [[], 0, end + 1];
        if (line.trim() !== '') onLine(line);
      }
      if (start < chunk.length) partialLine.push(chunk.subarray(start));
      partialBytes += chunk.length - start;
      if (partialBytes <= maxLineBytes) return;
      this.#options.onFault('a line that is too long');
      socket.destroy();
    });
  }

  #greet(socket: Socket): void {
    if (socket.readableEnded || socket.destroyed) return;
    this.#greeted.add(socket);
    send(socket, { type: 'welcome', host: this.#name }, ...(this.#options.greet?.() ?? []));
  }

  #hasToken(message: unknown): boolean {
    const token = isBatch(message) ? message.hello?.token : undefined;
    const [actual, expected] = [Buffer.from(token ?? ''), Buffer.from(this.#token ?? '')];
    return actual.length === expected.length && timingSafeEqual(actual, expected);
  }
}

function send(guest: Socket, ...messages: readonly object[]): void {
  if (guest.writable) guest.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
}
