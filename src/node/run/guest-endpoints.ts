/** All the ways by which the numbers of a program that we start come in, opened and closed together. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Wishes } from '../../protocol/control.ts';
import { defined } from '../../protocol/defined.ts';
import { networkVariable, socketVariable } from '../../protocol/environment-variables.ts';
import { environmentOf } from '../otlp/receive/otlp-environment.ts';
import { Receiver } from '../otlp/receive/otlp-receiver.ts';
import { Listener } from './guest-listener.ts';

/** Time that guests have to hang up after the program has ended: their last batch is on its way. */
const lastWordsMs = 1000;

export interface IngressOptions {
  readonly wishes: Wishes;
  readonly onMessage: (message: unknown) => void;
  /** Something came in that could not be read. */
  readonly onFault: (what: string) => void;
  /** Hears of senders that were turned away. */
  readonly log?: (line: string) => void;
  /** Of the OpenTelemetry receiver, which then asks for no token; else any that is free, with one. */
  readonly port?: number;
}

export class Ingress {
  readonly #local: Listener;
  readonly #network: Listener;
  readonly #receiver: Receiver;
  readonly #wishes: { current: Wishes };

  private constructor(local: Listener, network: Listener, receiver: Receiver, wishes: { current: Wishes }) {
    this.#local = local;
    this.#network = network;
    this.#receiver = receiver;
    this.#wishes = wishes;
  }

  static async open({ wishes, onMessage, onFault, log, port }: IngressOptions): Promise<Ingress> {
    const newest = { current: wishes };
    const common = { onMessage, onFault, greet: () => [{ type: 'wish', wishes: newest.current }] as const };
    // First what can fail: a port that another program has.
    const where = port === undefined ? { guarded: true } : { port };
    const receiver = await Receiver.open({ onBatch: onMessage, onFault, ...defined({ log }), ...where });
    const local = await Listener.open(common);
    const network = await Listener.open({ ...common, network: true });
    return new Ingress(local, network, receiver, newest);
  }

  /** What a process needs in its environment to find us; OpenTelemetry's variables only where none leads elsewhere. */
  environment(env: NodeJS.ProcessEnv = process.env): Readonly<Record<string, string>> {
    const { [socketVariable]: address = '', ...token } = this.#network.environment;
    const ours = { ...token, ...this.#local.environment, [networkVariable]: address };
    return { ...environmentOf(this.#receiver, env), ...ours };
  }

  /** Tells every guest, and those that come later, what to do from now on. */
  wish(wishes: Wishes): void {
    this.#wishes.current = wishes;
    for (const listener of [this.#local, this.#network]) listener.tell({ type: 'wish', wishes });
  }

  /** Waits a moment for guests to say their last; a descendant that lives on is not waited for. */
  async lastWords(): Promise<void> {
    const guests = (): number => this.#local.guests + this.#network.guests;
    // Who has connected may still stand at the door: one beat of the loop lets it in.
    await sleep(10);
    for (let waitedMs = 0; guests() > 0 && waitedMs < lastWordsMs; waitedMs += 10) await sleep(10);
  }

  async close(): Promise<void> {
    await Promise.all([this.#local, this.#network, this.#receiver].map((one) => one.close()));
  }
}
