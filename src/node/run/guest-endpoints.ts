/** Opens and closes all endpoints at which a started program can deliver its measurements. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Control, ProbeConfig } from '../../protocol/control.ts';
import { defined } from '../../protocol/defined.ts';
import { networkVariable, socketVariable } from '../../protocol/environment-variables.ts';
import { otlpEnvironment } from '../otlp/receive/otlp-environment.ts';
import { OtlpReceiver } from '../otlp/receive/otlp-receiver.ts';
import { GuestListener } from './guest-listener.ts';
import { ReporterNames } from './guests/reporter-names.ts';

/** Maximum time for guests to send their last batch and disconnect after the program has exited. */
const maxDisconnectMs = 1000;
const pollIntervalMs = 10;

export interface GuestEndpointsOptions {
  readonly probeConfig: ProbeConfig;
  readonly onMessage: (message: unknown) => void;
  /** Receives messages of sockets together with their text. By default they go to `onMessage`. */
  readonly onLine?: (message: unknown, line: string) => void;
  /** Called for data that could not be read. */
  readonly onFault: (what: string) => void;
  /** Receives messages about rejected senders. */
  readonly log?: (line: string) => void;
  /** ID of the span of the run that the programs are given as the span around theirs. */
  readonly runSpanId?: string;
  /** Port of the OpenTelemetry receiver, which then requires no token. By default, a free port with a token is used. */
  readonly port?: number;
}

export class GuestEndpoints {
  readonly #local: GuestListener;
  readonly #network: GuestListener;
  readonly #receiver: OtlpReceiver;
  readonly #probeConfig: { current: ProbeConfig };

  private constructor(
    local: GuestListener,
    network: GuestListener,
    receiver: OtlpReceiver,
    probeConfig: { current: ProbeConfig },
  ) {
    this.#local = local;
    this.#network = network;
    this.#receiver = receiver;
    this.#probeConfig = probeConfig;
  }

  /** Rejects if the given port is in use. */
  static async open(options: GuestEndpointsOptions): Promise<GuestEndpoints> {
    const { probeConfig, onMessage, onLine, onFault, log, port, runSpanId } = options;
    const newest = { current: probeConfig };
    const common = {
      onMessage: onLine ?? ((message: unknown) => onMessage(message)),
      onFault,
      names: new ReporterNames(),
      greet: () => [{ type: 'wish', wishes: newest.current }] as const,
    };
    const opening = [
      OtlpReceiver.open({
        onBatch: onMessage,
        onRejected: onFault,
        requiresToken: port === undefined,
        ...defined({ log, port, runSpanId }),
      }),
      GuestListener.open(common),
      GuestListener.open({ ...common, network: true }),
    ] as const;
    try {
      const [receiver, local, network] = await Promise.all(opening);
      return new GuestEndpoints(local, network, receiver, newest);
    } catch (error) {
      // An open endpoint would keep this process alive forever.
      await Promise.all(opening.map((endpoint) => endpoint.then((opened) => opened.close()).catch(() => undefined)));
      throw error;
    }
  }

  /** Returns the variables with which a process finds the endpoints. An OpenTelemetry endpoint set in `env` is kept. */
  environment(env: NodeJS.ProcessEnv = process.env): Readonly<Record<string, string>> {
    const { [socketVariable]: address = '', ...token } = this.#network.environment;
    const variables = { ...token, ...this.#local.environment, [networkVariable]: address };
    return { ...otlpEnvironment(this.#receiver, env), ...variables };
  }

  /** Sends a configuration to all connected guests, and later to each new one. */
  configure(probeConfig: ProbeConfig): void {
    this.#probeConfig.current = probeConfig;
    this.send({ type: 'wish', wishes: probeConfig });
  }

  /** Number of connected guests. */
  get guestCount(): number {
    return this.#local.guestCount + this.#network.guestCount;
  }

  /** Sends a message to all guests. */
  send(control: Control): void {
    for (const listener of [this.#local, this.#network]) listener.broadcast(control);
  }

  /** Waits a limited time for all guests to disconnect. A descendant that continues to run is not waited for. */
  async waitForGuests(): Promise<void> {
    // A guest that has just connected is counted only after the event loop has accepted it.
    await sleep(pollIntervalMs);
    for (let waitedMs = 0; this.guestCount > 0 && waitedMs < maxDisconnectMs; waitedMs += pollIntervalMs) {
      await sleep(pollIntervalMs);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#local, this.#network, this.#receiver].map((endpoint) => endpoint.close()));
  }
}
