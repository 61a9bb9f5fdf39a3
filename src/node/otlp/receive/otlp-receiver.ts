/**
 * Where programs come in that are instrumented with OpenTelemetry: OTLP over HTTP on this machine's own address, in JSON
 * or protobuf. Spans and metrics become batches like those of a probe; logs are taken and let go.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { HumanError, messageOf } from '../../../core/human-error.ts';
import type { Batch } from '../../../protocol/event.ts';
import { decodeMetrics, decodeTraces, type Encoding } from '../decode/decode.ts';
import { Malformed } from '../decode/otlp-schema.ts';
import { type Translation, Translator } from '../translate/translator.ts';
import { type Answer, failure, partialSuccess, success } from './otlp-response.ts';
import { brokenRule, encodingOf, longestBody, type Path, pathOf } from './request-rules.ts';

const address = '127.0.0.1';
/** Senders connected at once, the time that one has for its request, and that it may stay silent between two. */
const mostConnections = 128;
const requestMs = 30_000;
const silentMs = 60_000;
const closingMs = 1000;
/** Different refusals that are told; each is told once. */
const refusalsTold = 100;
/** Answers to what a program of the user's sent: what it lost by them is counted. Others are for strangers. */
const losses: readonly number[] = [400, 413, 415];

const unpack = promisify(gunzip);

export interface ReceiverOptions {
  readonly onBatch: (batch: Batch) => void;
  /** Something came in, from a sender that may send, that could not be read, in whole or in part. */
  readonly onFault: (what: string) => void;
  /** Hears of senders that were turned away; the same is told once. */
  readonly log?: (line: string) => void;
  /** 0, as where none is given, takes any that is free. */
  readonly port?: number;
  /** Ask senders for a token. */
  readonly guarded?: boolean;
}

export class Receiver {
  readonly token: string | undefined;
  readonly #options: ReceiverOptions;
  readonly #server: Server;
  readonly #translator = new Translator();
  readonly #refusals = new Set<string>();

  private constructor(options: ReceiverOptions) {
    this.#options = options;
    this.token = options.guarded ? randomBytes(24).toString('hex') : undefined;
    this.#server = createServer({ requestTimeout: requestMs, keepAliveTimeout: silentMs }, (request, response) => {
      void this.#serve(request, response);
    });
    this.#server.maxConnections = mostConnections;
  }

  /** Listens; resolves when senders can connect, rejects with a HumanError where the port cannot be had. */
  static async open(options: ReceiverOptions): Promise<Receiver> {
    const receiver = new Receiver(options);
    const { port = 0 } = options;
    await new Promise<void>((done, fail) => {
      // Stays: a server that has no file descriptor left for a sender tells so here, and goes on.
      receiver.#server.on('error', (error) =>
        fail(new HumanError(`Port ${port} cannot be used (${error.message}). Choose another one, or none.`)),
      );
      receiver.#server.listen(port, address, done);
    });
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** What senders are told; they add the path of the signal. */
  get endpoint(): string {
    return `http://${address}:${this.port}`;
  }

  /** Ends after the requests under way, which have a moment for it. */
  async close(): Promise<void> {
    const late = setTimeout(() => this.#server.closeAllConnections(), closingMs);
    await new Promise<void>((done) => this.#server.close(() => done()));
    clearTimeout(late);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A sender may go at any moment: that is its matter.
    response.on('error', () => undefined);
    const { status, headers, body } = await this.#answer(request);
    if (response.destroyed) return;
    // What was refused is not read to its end: the connection is of no more use.
    const rest = request.complete ? {} : { connection: 'close' };
    response.writeHead(status, { ...headers, ...rest });
    response.end(body);
    if (!request.complete) request.resume();
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const encoding = encodingOf(request) ?? 'json';
    const broken = brokenRule(request, this);
    if (broken) return this.#refuse(broken.status, encoding, broken.message, broken.headers);
    const path = pathOf(request) as Path;
    try {
      const body = await bodyOf(request);
      if (body === undefined) {
        return this.#refuse(413, encoding, `Send at most ${longestBody / 1024 / 1024} MB at once.`);
      }
      return path === '/v1/logs' ? success(encoding) : this.#take(path, encoding, body);
    } catch (error) {
      const what = error instanceof Malformed ? error.message : `it cannot be read: ${messageOf(error)}`;
      return this.#refuse(400, encoding, `The body is malformed: ${what}.`);
    }
  }

  #take(path: Exclude<Path, '/v1/logs'>, encoding: Encoding, body: Buffer): Answer {
    const startNs = performance.now() * 1e6;
    const spentNs = (): number => performance.now() * 1e6 - startNs;
    const isTraces = path === '/v1/traces';
    const { batches, rejected }: Translation = isTraces
      ? this.#translator.traces(decodeTraces[encoding](body), Date.now(), spentNs)
      : this.#translator.metrics(decodeMetrics[encoding](body), Date.now(), spentNs);
    for (const batch of batches) this.#options.onBatch(batch);
    if (rejected === 0) return success(encoding);
    const what = isTraces ? 'spans without a start before their end' : 'points that contradict themselves';
    this.#options.onFault(what);
    return partialSuccess(encoding, isTraces ? 'rejectedSpans' : 'rejectedDataPoints', rejected, `Left out: ${what}.`);
  }

  #refuse(status: number, encoding: Encoding, message: string, headers?: Readonly<Record<string, string>>): Answer {
    const refusal = `a request that was refused (${status}): ${message}`;
    if (losses.includes(status)) this.#options.onFault(refusal);
    else this.#tell(refusal);
    return failure(status, encoding, message, headers);
  }

  #tell(refusal: string): void {
    if (this.#refusals.has(refusal) || this.#refusals.size >= refusalsTold) return;
    this.#refusals.add(refusal);
    this.#options.log?.(`OpenTelemetry: ${refusal}`);
  }
}

/** The body, unpacked; nothing where it is too long. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longestBody) return undefined;
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  if (request.headers['content-encoding']?.toLowerCase() !== 'gzip') return body;
  try {
    return await unpack(body, { maxOutputLength: longestBody });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw error;
  }
}
