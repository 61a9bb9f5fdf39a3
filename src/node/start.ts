/** Starts one run: a built-in pipeline alone, any program with a listener that its probes report to. */
import type { SpanContext } from '@opentelemetry/api';
import type { Wishes } from '../protocol/control.ts';
import { Child, type ChildOptions, type Ended } from './child.ts';
import { guestEnvironment, pipelineEnvironment } from './environment.ts';
import { Ingress } from './ingress.ts';
import type { Launch } from './launch.ts';
import { environmentOf } from './trace.ts';

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
  const ingress = await Ingress.open(options);
  const guest = guestEnvironment({
    runId,
    dist: options.dist,
    wishes: options.wishes,
    listener: ingress.environment(),
  });
  const env = { ...guest, ...environmentOf(span), ...launch.start.env };
  const child = new Child({ launch, runId, env, onMessage, onOutput });
  return { child, ended: heard(child.ended, ingress), wish: (wishes) => ingress.wish(wishes) };
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
