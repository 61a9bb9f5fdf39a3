/**
 * Receives OTLP over HTTP on the loopback address, in JSON or protobuf. Spans and metrics become batches like those of a
 * probe. Logs are accepted but discarded.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { HumanError, messageOf } from '../../../core/human-error.ts';
import type { Batch } from '../../../protocol/batch/batch.ts';
import { decodeMetrics, decodeTraces, type Encoding } from '../decode/decode.ts';
import { MalformedError } from '../decode/otlp-schema.ts';
import { type Translation, Translator } from '../translate/translator.ts';
import { failure, type OtlpResponse, partialSuccess, success } from './otlp-response.ts';
import {
  bodyTooLarge,
  encodingOf,
  findBrokenRule,
  maxBodyBytes,
  type SignalPath,
  signalPathOf,
} from './request-rules.ts';

const address = '127.0.0.1';
const maxConnections = 128;
const requestTimeoutMs = 30_000;
const keepAliveMs = 60_000;
/** Time that running requests have to finish after `close`. */
const closeTimeoutMs = 1000;
/** Maximum number of different rejections that are logged. Each is logged once. */
const maxLoggedMessages = 100;
/** Status codes of requests from the user's programs, whose data is lost. Other rejections concern foreign senders. */
const dataLossStatuses: readonly number[] = [400, 413, 415];

const gunzipAsync = promisify(gunzip);

export interface OtlpReceiverOptions {
  readonly onBatch: (batch: Batch) => void;
  /** Called if data from an authorized sender was lost because it could not be read, in whole or in part. */
  readonly onRejected: (what: string) => void;
  /** Receives a line about rejected senders. Each message is logged once. */
  readonly log?: (line: string) => void;
  /** Port to listen on. 0, the default, selects any free port. */
  readonly port?: number;
  /** Accepts only requests with a token. */
  readonly requiresToken?: boolean;
}

export class OtlpReceiver {
  readonly token: string | undefined;
  readonly #options: OtlpReceiverOptions;
  readonly #server: Server;
  readonly #translator = new Translator();
  readonly #loggedMessages = new Set<string>();

  private constructor(options: OtlpReceiverOptions) {
    this.#options = options;
    this.token = options.requiresToken ? randomBytes(24).toString('hex') : undefined;
    this.#server = createServer(
      { requestTimeout: requestTimeoutMs, keepAliveTimeout: keepAliveMs },
      (request, response) => {
        void this.#serve(request, response);
      },
    );
    this.#server.maxConnections = maxConnections;
  }

  /** Starts listening. Resolves when senders can connect. Rejects with a HumanError if the port is unavailable. */
  static async open(options: OtlpReceiverOptions): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver(options);
    const { port = 0 } = options;
    await new Promise<void>((resolve, reject) => {
      // Stays registered: the server also emits an error if it runs out of file descriptors, and continues.
      receiver.#server.on('error', (error) =>
        reject(
          new HumanError(
            `Could not listen on port ${port} (${error.message}). Choose another port, or 0 for any free port.`,
          ),
        ),
      );
      receiver.#server.listen(port, address, resolve);
    });
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Base URL for senders, which append the path of the signal. */
  get endpoint(): string {
    return `http://${address}:${this.port}`;
  }

  /** Stops listening. Running requests have `closeTimeoutMs` to finish. */
  async close(): Promise<void> {
    const timer = setTimeout(() => this.#server.closeAllConnections(), closeTimeoutMs);
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    clearTimeout(timer);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // The sender may disconnect at any time.
    response.on('error', () => undefined);
    const { status, headers, body } = await this.#respond(request);
    if (response.destroyed) return;
    // The rest of a rejected body is not read, so the connection cannot be reused.
    const connectionHeader = request.complete ? {} : { connection: 'close' };
    response.writeHead(status, { ...headers, ...connectionHeader });
    response.end(body);
    if (!request.complete) request.resume();
  }

  async #respond(request: IncomingMessage): Promise<OtlpResponse> {
    const encoding = encodingOf(request) ?? 'json';
    const rule = findBrokenRule(request, this);
    if (rule) return this.#reject(rule.status, encoding, rule.message, rule.headers);
    const path = signalPathOf(request) as SignalPath;
    try {
      const body = await readBody(request);
      if (body === undefined) return this.#reject(413, encoding, bodyTooLarge);
      return path === '/v1/logs' ? success(encoding) : this.#translate(path, encoding, body);
    } catch (error) {
      const what = error instanceof MalformedError ? error.message : `it could not be read (${messageOf(error)})`;
      return this.#reject(400, encoding, `The body is malformed: ${what}.`);
    }
  }

  #translate(path: Exclude<SignalPath, '/v1/logs'>, encoding: Encoding, body: Buffer): OtlpResponse {
    const startNs = performance.now() * 1e6;
    const spentNs = (): number => performance.now() * 1e6 - startNs;
    const isTraces = path === '/v1/traces';
    const { batches, rejected }: Translation = isTraces
      ? this.#translator.translateTraces(decodeTraces[encoding](body), Date.now(), spentNs)
      : this.#translator.translateMetrics(decodeMetrics[encoding](body), Date.now(), spentNs);
    for (const batch of batches) this.#options.onBatch(batch);
    if (rejected === 0) return success(encoding);
    const what = isTraces ? 'spans without a valid start and end' : 'inconsistent data points';
    this.#options.onRejected(what);
    return partialSuccess(encoding, isTraces ? 'rejectedSpans' : 'rejectedDataPoints', rejected, `Dropped: ${what}.`);
  }

  #reject(
    status: number,
    encoding: Encoding,
    message: string,
    headers?: Readonly<Record<string, string>>,
  ): OtlpResponse {
    if (dataLossStatuses.includes(status))
      this.#options.onRejected(`a request that was rejected (${status}): ${message}`);
    else this.#logOnce(`OpenTelemetry: rejected a request (${status}): ${message}`);
    return failure(status, encoding, message, headers);
  }

  #logOnce(message: string): void {
    if (this.#loggedMessages.has(message) || this.#loggedMessages.size >= maxLoggedMessages) return;
    this.#loggedMessages.add(message);
    this.#options.log?.(message);
  }
}

/** Reads and decompresses the body. Resolves with undefined if it is too large. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  if (request.headers['content-encoding']?.toLowerCase() !== 'gzip') return body;
  try {
    return await gunzipAsync(body, { maxOutputLength: maxBodyBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw error;
  }
}
