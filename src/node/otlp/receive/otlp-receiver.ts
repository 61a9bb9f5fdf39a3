/**
 * Receives OTLP over HTTP on the loopback address, in JSON or protobuf. Spans and metrics become batches like those of a
 * probe. Logs are accepted but discarded.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { HumanError, messageOf } from '../../../core/human-error.ts';
import type { Batch } from '../../../protocol/batch/batch.ts';
import { decodeMetrics, decodeTraces, type Encoding } from '../decode/decode.ts';
import { MalformedError } from '../decode/otlp-schema.ts';
import { type Translation, Translator } from '../translate/translator.ts';
import { BodyReader } from './body-reader.ts';
import { failure, type OtlpResponse, partialSuccess, success } from './otlp-response.ts';
import { bodyTooLarge, encodingOf, findBrokenRule, type SignalPath, signalPathOf } from './request-rules.ts';

// To import this module would also load Node's HTTP client, which delays the start of a program by 10 ms.
const { createServer } = process.getBuiltinModule('node:http');

const address = '127.0.0.1';
const maxConnections = 128;
const requestTimeoutMs = 30_000;
/** Time that a connection has to send the headers of its first request. */
const headersTimeoutMs = 10_000;
const timeoutCheckMs = 1000;
/** Connections that have sent no request for this time are closed if others need their places. */
const maxSilentMs = 1000;
const keepAliveMs = 60_000;
/** Time between two looks at spans that wait for others. */
const foldIntervalMs = 1000;
/** Time that running requests have to finish after `close`. */
const closeTimeoutMs = 1000;
/** Maximum number of different rejections that are logged. Each is logged once. */
const maxLoggedMessages = 100;
const tooManyBodies = 'Other senders use all the memory for bodies. Send this one again later.';
/** Status codes of requests from the user's programs, whose data is lost. Other rejections concern foreign senders. */
const dataLossStatuses: readonly number[] = [400, 413, 415];

export interface OtlpReceiverOptions {
  readonly onBatch: (batch: Batch) => void;
  /** Called if a request from an authorized sender could not be read, so that its data is lost. */
  readonly onRejected: (what: string) => void;
  /** Receives a line about rejected senders. Each message is logged once. */
  readonly log?: (line: string) => void;
  /** Port to listen on. 0, the default, selects any free port. */
  readonly port?: number;
  /** ID of the span of the run that the programs were given as the span around theirs. */
  readonly runSpanId?: string;
  /** Accepts only requests with a token. */
  readonly requiresToken?: boolean;
}

export class OtlpReceiver {
  readonly token: string | undefined;
  readonly #options: OtlpReceiverOptions;
  readonly #server: Server;
  readonly #translator: Translator;
  readonly #bodies = new BodyReader();
  readonly #loggedMessages = new Set<string>();
  /** Connections without a request yet, and when they were opened. */
  readonly #silentSockets = new Map<Socket, number>();

  readonly #foldTimer = setInterval(() => this.#foldSpans(false), foldIntervalMs).unref();

  private constructor(options: OtlpReceiverOptions) {
    this.#options = options;
    this.#translator = new Translator(options.runSpanId);
    this.token = options.requiresToken ? randomBytes(24).toString('hex') : undefined;
    this.#server = createServer(
      {
        requestTimeout: requestTimeoutMs,
        headersTimeout: headersTimeoutMs,
        connectionsCheckingInterval: timeoutCheckMs,
        keepAliveTimeout: keepAliveMs,
      },
      (request, response) => {
        this.#silentSockets.delete(request.socket);
        void this.#serve(request, response);
      },
    );
    this.#server.maxConnections = maxConnections;
    this.#server.on('connection', (socket: Socket) => {
      this.#silentSockets.set(socket, performance.now());
      socket.once('close', () => this.#silentSockets.delete(socket));
    });
    this.#server.on('drop', () => this.#makeRoom());
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
    clearInterval(this.#foldTimer);
    this.#foldSpans(true);
  }

  /** Spans wait for the span around them, which ends later. */
  #foldSpans(isEnd: boolean): void {
    for (const batch of this.#translator.foldSpans(Date.now(), isEnd)) this.#options.onBatch(batch);
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
      const body = await this.#bodies.read(request);
      if (body.kind === 'too-large') return this.#reject(413, encoding, bodyTooLarge);
      if (body.kind === 'busy') return this.#reject(503, encoding, tooManyBodies, { 'retry-after': '1' });
      if (path !== '/v1/logs') return this.#translate(path, encoding, body.bytes);
      this.#logOnce('OpenTelemetry: received logs. Logs are not recorded.');
      return success(encoding);
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
    // The batches count what was dropped.
    const what = isTraces ? 'spans without a valid start and end' : 'inconsistent data points';
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

  /** Closes connections that send no requests, so that the next sender can connect. */
  #makeRoom(): void {
    this.#logOnce(
      `OpenTelemetry: a sender could not connect, because there were ${maxConnections} connections. Idle ones were closed.`,
    );
    this.#server.closeIdleConnections();
    const now = performance.now();
    for (const [socket, openedMs] of this.#silentSockets) if (now - openedMs > maxSilentMs) socket.destroy();
  }

  #logOnce(message: string): void {
    if (this.#loggedMessages.has(message) || this.#loggedMessages.size >= maxLoggedMessages) return;
    this.#loggedMessages.add(message);
    this.#options.log?.(message);
  }
}
