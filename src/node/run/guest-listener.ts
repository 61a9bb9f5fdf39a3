/**
 * Where guests come in that are not our direct children: a local socket, one JSON object a line each way.
 *
 * On Unix it is a socket in a folder that only this user can enter, on Windows a named pipe; a runtime that has neither
 * is given 127.0.0.1 with a token. Nothing that a guest sends is believed before it is looked at, and a line that never
 * ends is not kept.
 */
import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isBatch } from '../../protocol/batch.ts';
import { socketVariable, tokenVariable } from '../../protocol/environment-variables.ts';

/** Longest line, in bytes; what is longer ends the connection. */
export const longestLine = 16 * 1024 * 1024;
/** Guests connected at once; more are turned away. */
const mostGuests = 256;

export interface SocketOptions {
  readonly onMessage: (message: unknown) => void;
  /** A line that was no JSON, or too long; or a guest that gave a wrong token. */
  readonly onFault: (what: string) => void;
  /** Words for each guest that connects, after the welcome. */
  readonly greet?: () => readonly object[];
  /** Guests connected at once, where that is not `mostGuests`. */
  readonly most?: number;
  /** Listen on 127.0.0.1 with a token. */
  readonly network?: boolean;
}

export class Listener {
  readonly #server: Server;
  readonly #options: SocketOptions;
  readonly #guests = new Set<Socket>();
  readonly #greeted = new Set<Socket>();
  readonly #name = randomUUID();
  readonly #folder: string | undefined;
  readonly #token: string | undefined;
  readonly #path: string;

  private constructor(options: SocketOptions) {
    this.#options = options;
    this.#token = options.network ? randomBytes(24).toString('hex') : undefined;
    const windows = process.platform === 'win32';
    // A folder made by mkdtemp is the user's alone (0700); paths of sockets are short, so it is in the temporary one.
    this.#folder = windows || options.network ? undefined : mkdtempSync(join(tmpdir(), 'pipescope-'));
    this.#path = this.#folder ? join(this.#folder, 'socket') : `\\\\.\\pipe\\pipescope-${this.#name}`;
    this.#server = createServer((socket) => this.#welcome(socket));
    this.#server.maxConnections = options.most ?? mostGuests;
  }

  /** Listens; resolves when guests can connect. */
  static async open(options: SocketOptions): Promise<Listener> {
    const listener = new Listener(options);
    await new Promise<void>((done, fail) => {
      listener.#server.once('error', fail);
      const where = options.network ? { host: '127.0.0.1', port: 0 } : { path: listener.#path };
      listener.#server.listen(where, done);
    });
    return listener;
  }

  /** What a process needs in its environment to find this listener. */
  get environment(): Readonly<Record<string, string>> {
    const address = this.#server.address();
    if (address === null) return {};
    if (typeof address === 'string') return { [socketVariable]: address };
    return { [socketVariable]: `127.0.0.1:${address.port}`, [tokenVariable]: this.#token ?? '' };
  }

  get guests(): number {
    return this.#guests.size;
  }

  /** Bytes on their way to guests. */
  get backlogBytes(): number {
    return [...this.#guests].reduce((sum, guest) => sum + guest.writableLength, 0);
  }

  /** Says something to every guest that was welcomed: before that, none is told anything. */
  tell(word: object): void {
    for (const guest of this.#greeted) say(guest, word);
  }

  /** Hangs up, and removes the socket. */
  async close(): Promise<void> {
    for (const guest of this.#guests) guest.destroy();
    await new Promise<void>((done) => this.#server.close(() => done()));
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
  }

  #welcome(socket: Socket): void {
    let rest: Buffer[] = [];
    let waiting = 0;
    let trusted = this.#token === undefined;
    this.#guests.add(socket);
    socket.on('close', () => {
      this.#guests.delete(socket);
      this.#greeted.delete(socket);
    });
    // A guest may die at any moment: that is its matter, the run tells of it.
    socket.on('error', () => socket.destroy());
    const take = (line: string): void => {
      const message = parse(line);
      if (message === undefined) {
        this.#options.onFault('a line that is no JSON');
        return;
      }
      trusted ||= this.#isKnown(message);
      if (trusted) this.#options.onMessage(message);
      else {
        this.#options.onFault('a guest without the token');
        socket.destroy();
      }
    };
    socket.on('data', (chunk: Buffer) => {
      let from = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
        const line = Buffer.concat([...rest, chunk.subarray(from, end)]).toString('utf8');
        [rest, waiting, from] = [[], 0, end + 1];
        if (line.trim() !== '') take(line);
      }
      if (from < chunk.length) rest.push(chunk.subarray(from));
      waiting += chunk.length - from;
      if (waiting <= longestLine) return;
      this.#options.onFault('a line that is too long');
      socket.destroy();
    });
    // A guest may have said all and hung up already: to write to it would break the line before it is read. So what is
    // there is read first, in the turn of the loop between the two.
    setImmediate(() => setImmediate(() => this.#greet(socket)));
  }

  #greet(socket: Socket): void {
    if (socket.readableEnded || socket.destroyed) return;
    this.#greeted.add(socket);
    say(socket, { type: 'welcome', host: this.#name }, ...(this.#options.greet?.() ?? []));
  }

  #isKnown(message: unknown): boolean {
    const token = isBatch(message) ? message.hello?.token : undefined;
    const [given, known] = [Buffer.from(token ?? ''), Buffer.from(this.#token ?? '')];
    return given.length === known.length && timingSafeEqual(given, known);
  }
}

function say(guest: Socket, ...words: readonly object[]): void {
  if (guest.writable) guest.write(words.map((word) => `${JSON.stringify(word)}\n`).join(''));
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
