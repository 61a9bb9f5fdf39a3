/** Starts one run: a built-in pipeline alone, any program with a listener that its probes report to. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SpanContext } from '@opentelemetry/api';
import type { Wishes } from '../protocol/control.ts';
import { networkVariable, socketVariable } from '../protocol/environment.ts';
import { Child, type ChildOptions, type Ended } from './child.ts';
import { guestEnvironment, pipelineEnvironment } from './environment.ts';
import type { Launch } from './launch.ts';
import { Listener } from './socket.ts';
import { environmentOf } from './trace.ts';

/** Time that guests have to hang up after the program has ended: their last batch is on its way. */
const lastWordsMs = 1000;

export interface StartOptions extends Pick<ChildOptions, 'onMessage' | 'onOutput'> {
  readonly runId: string;
  readonly span: SpanContext;
  readonly dist: string;
  readonly wishes: Wishes;
  /** Something came in that could not be read. */
  readonly onFault: (what: string) => void;
}

export interface Started {
  readonly child: Child;
  /** Resolves when the program has ended and its guests have said their last; rejects when it could not start. */
  readonly ended: Promise<Ended>;
  /** Tells the program's probes what to do from now on. */
  wish(wishes: Wishes): void;
}

export async function startRun(launch: Launch, options: StartOptions): Promise<Started> {
  const { runId, span, onMessage, onOutput } = options;
  if (launch.start.kind === 'module') {
    const env = { ...pipelineEnvironment(runId), ...environmentOf(span) };
    const child = new Child({ launch, runId, env, onMessage, onOutput });
    return { child, ended: child.ended, wish: (wishes) => child.send({ type: 'wish', wishes }) };
  }
  let wishes = options.wishes;
  const common = { onMessage, onFault: options.onFault, greet: () => [{ type: 'wish', wishes }] as const };
  const local = await Listener.open(common);
  const network = await Listener.open({ ...common, network: true });
  const listeners = [local, network];
  const { [socketVariable]: address = '', ...token } = network.environment;
  const environment = { ...token, ...local.environment, [networkVariable]: address };
  const guest = guestEnvironment({ runId, dist: options.dist, wishes, listener: environment });
  const env = { ...guest, ...environmentOf(span), ...launch.start.env };
  const child = new Child({ launch, runId, env, onMessage, onOutput });
  return {
    child,
    ended: lastWords(child.ended, listeners),
    wish: (next) => {
      wishes = next;
      for (const listener of listeners) listener.tell({ type: 'wish', wishes });
    },
  };
}

async function lastWords(ended: Promise<Ended>, listeners: readonly Listener[]): Promise<Ended> {
  try {
    const end = await ended;
    // A descendant may live on and stay connected: it is not waited for.
    const connected = (): boolean => listeners.some((listener) => listener.guests > 0);
    for (let waitedMs = 0; connected() && waitedMs < lastWordsMs; waitedMs += 10) await sleep(10);
    return end;
  } finally {
    await Promise.all(listeners.map((listener) => listener.close()));
  }
}
