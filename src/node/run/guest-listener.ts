/**
 * Accepts connections of guests that are not direct children of the host. Each side sends one JSON object per line.
 *
 * Listens on a Unix socket in a folder that only the current user can enter, or on a named pipe on Windows. For runtimes
 * that support neither, it listens on 127.0.0.1, where any user of this machine can connect: a guest must show a token
 * before it learns or is given anything. Guests are not trusted: their messages are validated, and the memory of
 * unfinished lines is limited.
 */
import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { socketVariable, tokenVariable } from '../../protocol/environment-variables.ts';
import { parseJson } from '../../protocol/parse-json.ts';
import { isRecord, text } from '../../protocol/schema.ts';
import { createTemporaryFolder, maxSocketPathBytes } from '../storage/temporary-folder.ts';
import { LineReader } from './guests/line-reader.ts';
import type { ReporterNames } from './guests/reporter-names.ts';

/** A longer line ends the connection. */
export const maxLineBytes = 16 * 1024 * 1024;
/** Maximum size of the unfinished lines of all guests; beyond it, the guest with the longest is disconnected. */
export const maxUnfinishedBytes = 128 * 1024 * 1024;
/** Maximum size of what a connection may send, number of connections and time before they have shown the token. */
export const maxUntrustedBytes = 1024 * 1024;
export const maxUntrusted = 32;
const maxUntrustedMs = 60_000;
/** Maximum number of connected guests; further ones are rejected. */
const defaultMaxGuests = 1000;

export interface GuestListenerOptions {
  /** Receives a message and its text. */
  readonly onMessage: (message: unknown, line: string) => void;
  /** Called for a line that is not JSON or too long, and for a connection that is refused or closed. */
  readonly onFault: (what: string) => void;
  /** Returns the messages that each new guest receives after the welcome message. */
  readonly greet?: () => readonly object[];
  /** Maximum number of connected guests. */
  readonly maxGuests?: number;
  /** Names of the sources, which this listener may share with another one. */
  readonly names?: ReporterNames;
  /** Listens on 127.0.0.1 and requires a token. */
  readonly network?: boolean;
}

/** A connection to the listener. Only a trusted one is a guest. */
interface Guest {
  readonly socket: Socket;
  readonly lines: LineReader;
  /** Bytes of its unfinished line, as counted for all guests. */
  countedBytes: number;
  isTrusted: boolean;
  isGreeted: boolean;
}

export class GuestListener {
  readonly #server: Server;
  readonly #options: GuestListenerOptions;
  readonly #maxGuests: number;
  /** All connections, the oldest first. */
  readonly #guests = new Set<Guest>();
  #unfinishedBytes = 0;
  readonly #name = randomUUID();
  readonly #folder: string | undefined;
  readonly #token: string | undefined;
  readonly #path: string;

  private constructor(options: GuestListenerOptions) {
    this.#options = options;
    this.#token = options.network ? randomBytes(24).toString('hex') : undefined;
    const isWindows = process.platform === 'win32';
    this.#folder =
      isWindows || options.network
        ? undefined
        : createTemporaryFolder('pipescope-', { maxPathBytes: maxSocketPathBytes - '/socket'.length });
    this.#path = this.#folder ? join(this.#folder, 'socket') : `\\\\.\\pipe\\pipescope-${this.#name}`;
    this.#server = createServer((socket) => this.#accept(socket));
    this.#maxGuests = options.maxGuests ?? defaultMaxGuests;
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
    return this.#countGuests(true);
  }

  /** Bytes that wait to be sent to guests. */
  get backlogBytes(): number {
    let bytes = 0;
    for (const { socket } of this.#guests) bytes += socket.writableLength;
    return bytes;
  }

  /** Sends a message to all guests that have received the welcome message. */
  broadcast(message: object): void {
    this.broadcastLine(JSON.stringify(message));
  }

  /** Sends a message that is already JSON. */
  broadcastLine(line: string): void {
    for (const { socket, isGreeted } of this.#guests) if (isGreeted) sendLines(socket, line);
  }

  /** Closes all connections. Guests may connect again. */
  disconnect(): void {
    for (const { socket } of this.#guests) socket.destroy();
  }

  /** Closes all connections and removes the socket. */
  async close(): Promise<void> {
    this.disconnect();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
  }

  #accept(socket: Socket): void {
    const isTrusted = this.#token === undefined;
    const guest: Guest = { socket, lines: new LineReader(), countedBytes: 0, isTrusted, isGreeted: false };
    // A guest may exit at any moment; the run reports how its program ended.
    socket.on('error', () => socket.destroy());
    if (!isTrusted || this.guestCount < this.#maxGuests) this.#admit(guest);
    // A guest that has just disconnected still counts until the event loop has noticed.
    else
      afterLoopTurn(() => (this.guestCount < this.#maxGuests ? this.#admit(guest) : this.#refuse(guest, limitFault)));
  }

  #admit(guest: Guest): void {
    const { socket } = guest;
    this.#guests.add(guest);
    socket.on('close', () => this.#forget(guest));
    socket.on('data', (chunk: Buffer) => this.#read(guest, chunk));
    if (!guest.isTrusted) this.#limitUntrusted(guest);
    // The guest may already have sent everything and closed. Writing to a closed socket would fail before its data is
    // read, so read first and greet one loop turn later.
    afterLoopTurn(() => this.#greet(guest));
  }

  /** Makes sure that connections without a token cannot keep guests out: the oldest is closed, and each after some time. */
  #limitUntrusted(guest: Guest): void {
    const timer = setTimeout(() => {
      if (!guest.isTrusted) this.#refuse(guest, strangerFault);
    }, maxUntrustedMs);
    timer.unref();
    guest.socket.on('close', () => clearTimeout(timer));
    if (this.#countGuests(false) <= maxUntrusted) return;
    const oldest = [...this.#guests].find(({ isTrusted }) => !isTrusted);
    if (oldest) this.#refuse(oldest, strangerFault);
  }

  #read(guest: Guest, chunk: Buffer): void {
    const { socket, lines } = guest;
    lines.push(chunk, (line) => {
      this.#onLine(guest, line);
      return !socket.destroyed;
    });
    if (socket.destroyed) return;
    this.#unfinishedBytes += lines.pendingBytes - guest.countedBytes;
    guest.countedBytes = lines.pendingBytes;
    if (lines.pendingBytes > (guest.isTrusted ? maxLineBytes : maxUntrustedBytes)) {
      this.#refuse(guest, guest.isTrusted ? 'a line that is too long' : strangerFault);
    } else if (this.#unfinishedBytes > maxUnfinishedBytes) {
      const others = [...this.#guests];
      const largest = others.reduce((a, b) => (b.lines.pendingBytes > a.lines.pendingBytes ? b : a), guest);
      this.#refuse(largest, 'a line that is too long beside those of other guests');
    }
  }

  #onLine(guest: Guest, line: string): void {
    const message = parseJson(line);
    if (message === undefined) {
      this.#options.onFault('a line that is not valid JSON');
      // Someone without a token may only send what can contain it.
      if (!guest.isTrusted) guest.socket.destroy();
      return;
    }
    if (!guest.isTrusted && !this.#trust(guest, message)) return;
    if (isTokenMessage(message)) return;
    const named = this.#options.names?.rename(message, guest) ?? message;
    this.#options.onMessage(named, named === message ? line : JSON.stringify(named));
  }

  /** Trusts a connection that shows the token, and closes any other. */
  #trust(guest: Guest, message: unknown): boolean {
    if (!this.#hasToken(message)) this.#refuse(guest, 'a message without a valid token');
    else if (this.guestCount >= this.#maxGuests) this.#refuse(guest, limitFault);
    else {
      guest.isTrusted = true;
      afterLoopTurn(() => this.#greet(guest));
    }
    return guest.isTrusted;
  }

  #refuse(guest: Guest, fault: string): void {
    guest.socket.destroy();
    this.#forget(guest);
    this.#options.onFault(fault);
  }

  #forget(guest: Guest): void {
    if (!this.#guests.delete(guest)) return;
    this.#unfinishedBytes -= guest.countedBytes;
    this.#options.names?.disconnect(guest);
  }

  #greet(guest: Guest): void {
    const { socket } = guest;
    if (!guest.isTrusted || guest.isGreeted || socket.readableEnded || socket.destroyed) return;
    guest.isGreeted = true;
    const messages = [{ type: 'welcome', host: this.#name }, ...(this.#options.greet?.() ?? [])];
    sendLines(socket, ...messages.map((message) => JSON.stringify(message)));
  }

  #countGuests(isTrusted: boolean): number {
    let count = 0;
    for (const guest of this.#guests) if (guest.isTrusted === isTrusted) count++;
    return count;
  }

  #hasToken(message: unknown): boolean {
    const [actual, expected] = [Buffer.from(tokenIn(message) ?? ''), Buffer.from(this.#token ?? '')];
    return actual.length === expected.length && timingSafeEqual(actual, expected);
  }
}

const limitFault = 'a connection beyond the limit';
const strangerFault = 'a connection that did not show the token';

/** Returns true for the line with which a guest shows its token before it has anything to send. */
function isTokenMessage(message: unknown): boolean {
  return isRecord(message) && message['type'] === 'token';
}

/** Returns the token of a token message or of a batch, however invalid the rest of it is. */
function tokenIn(message: unknown): string | undefined {
  if (!isRecord(message)) return undefined;
  const holder = isTokenMessage(message) ? message : message['hello'];
  return isRecord(holder) && text(holder['token']) ? holder['token'] : undefined;
}

function afterLoopTurn(action: () => void): void {
  setImmediate(() => setImmediate(action));
}

function sendLines(socket: Socket, ...lines: readonly string[]): void {
  if (socket.writable) socket.write(lines.map((line) => `${line}\n`).join(''));
}
