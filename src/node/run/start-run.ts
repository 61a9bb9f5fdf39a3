/** Starts one run: a built-in pipeline alone, any program with a listener that its probes report to, or that alone. */
import type { SpanContext } from '@opentelemetry/api';
import type { Wishes } from '../../protocol/control.ts';
import { Child, type ChildOptions, type Ended } from './child.ts';
import { Ingress } from './guest-endpoints.ts';
import { bareEnvironment, guestEnvironment, pipelineEnvironment } from './guest-environment.ts';
import type { LaunchSpec } from './launch-spec.ts';
import { environmentOf } from './trace-context.ts';

export interface StartOptions extends Pick<ChildOptions, 'onMessage' | 'onOutput'> {
  readonly runId: string;
  readonly span: SpanContext;
  readonly dist: string;
  readonly wishes: Wishes;
  /** That a program's is made from; our own where none is given. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Something came in that could not be read. */
  readonly onFault: (what: string) => void;
  /** Hears of strangers that were turned away. */
  readonly log?: (line: string) => void;
}

export interface Started {
  readonly child: Pick<Child, 'pid' | 'stop' | 'kill'>;
  /** Resolves when the program has ended and its guests have said their last; rejects when it could not start. */
  readonly ended: Promise<Ended>;
  /** Tells the program's probes what to do from now on. */
  wish(wishes: Wishes): void;
  /** Hangs up without ending anything, where what runs can do without us. */
  leave?(): void;
  /** Lets what the program prints wait in its pipes, or read on. */
  hold?(wait: boolean): void;
}

export async function startRun({ start, ...described }: LaunchSpec, options: StartOptions): Promise<Started> {
  const { runId, span, dist, wishes, environment = process.env, onMessage, onOutput } = options;
  if (start.kind === 'module') {
    const env = start.bare ? bareEnvironment(runId) : { ...pipelineEnvironment(runId), ...environmentOf(span) };
    const child = new Child({ launch: { ...described, start }, runId, env, onMessage, onOutput });
    return { child, ended: child.ended, wish: (next) => child.send({ type: 'wish', wishes: next }) };
  }
  if (start.kind === 'command' && start.bare) {
    const child = new Child({
      launch: { ...described, start },
      runId,
      env: { ...environment, ...start.env },
      onMessage,
      onOutput,
    });
    return { child, ended: child.ended, wish: () => undefined, hold: (wait) => child.hold(wait) };
  }
  const port = start.kind === 'listen' && start.port !== undefined ? { port: start.port } : {};
  const ingress = await Ingress.open({ ...options, ...port });
  // Whoever starts a receiver wants its address, wherever programs of our own would send.
  const listener = ingress.environment('port' in port ? {} : environment);
  const guest = { runId, dist, wishes, listener };
  if (start.kind === 'listen') {
    start.onEnvironment(guestEnvironment(guest, {}));
    return listening(ingress);
  }
  const env = { ...guestEnvironment(guest, environment), ...environmentOf(span, environment), ...start.env };
  const child = new Child({ launch: { ...described, start }, runId, env, onMessage, onOutput });
  return {
    child,
    ended: heard(child.ended, ingress),
    wish: (next) => ingress.wish(next),
    hold: (wait) => child.hold(wait),
  };
}

/** A run without a program of ours: it ends when it is stopped, and what reported to it lives on. */
function listening(ingress: Ingress): Started {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const stop = async (): Promise<void> => {
    resolve({ exitCode: 0, stderr: '', stopped: false });
    await promise;
  };
  return {
    child: { pid: undefined, stop, kill: () => undefined },
    ended: promise.finally(() => ingress.close()),
    wish: (wishes) => ingress.wish(wishes),
  };
}

async function heard(ended: Promise<Ended>, ingress: Ingress): Promise<Ended> {
  try {
    const end = await ended;
    await ingress.lastWords();
    return end;
  } finally {
    await ingress.close();
  }
}
