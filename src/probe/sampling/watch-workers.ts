import type { Session } from 'node:inspector';
import type { Inspector } from './thread-profiler.ts';

interface WorkerListener {
  /** `ended` resolves when the worker has ended. */
  readonly onAttached: (threadId: number, inspector: Inspector, ended: Promise<void>) => void;
  /** Called with the parameters of `Profiler.consoleProfileFinished`. */
  readonly onProfile: (threadId: number, parameters: unknown) => void;
}

/** Response to an inspector command, or an inspector event. */
interface WorkerMessage {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

type PendingCall = { readonly resolve: (result: unknown) => void; readonly reject: (error: Error) => void };

interface AttachedWorker {
  readonly threadId: number;
  readonly calls: Map<number, PendingCall>;
  readonly end: () => void;
}

/** Reads the thread's ID from the title, because `workerId` only numbers the inspectors in order of their appearance. */
function threadIdOf({ title }: { readonly title: string }): number | undefined {
  const [, number] = /^(?:\[worker|Worker) (\d+)/.exec(title) ?? [];
  return number === undefined ? undefined : Number(number);
}

/**
 * Reports every worker thread of the program, except `ownThreadId`, with an inspector that reaches it. Uses the
 * `NodeWorker` domain of the main thread's inspector.
 */
export async function watchWorkers(session: Session, ownThreadId: number, listener: WorkerListener): Promise<void> {
  const workers = new Map<string, AttachedWorker>();
  session.on('NodeWorker.attachedToWorker', ({ params }) => {
    const threadId = threadIdOf(params.workerInfo);
    if (threadId === undefined || threadId === ownThreadId) return;
    const calls = new Map<number, PendingCall>();
    const { promise: ended, resolve: end } = promiseWithResolver();
    workers.set(params.sessionId, { threadId, calls, end });
    let lastId = 0;
    const inspector: Inspector = {
      post: (method, parameters) =>
        new Promise((resolve, reject) => {
          const id = ++lastId;
          calls.set(id, { resolve, reject });
          const message = JSON.stringify({ id, method, params: parameters ?? {} });
          session.post('NodeWorker.sendMessageToWorker', { sessionId: params.sessionId, message }, (error) => {
            if (!error) return;
            calls.delete(id);
            reject(error);
          });
        }),
    };
    listener.onAttached(threadId, inspector, ended);
  });
  session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
    const worker = workers.get(params.sessionId);
    if (!worker) return;
    const { id, method, params: parameters, result, error } = JSON.parse(params.message) as WorkerMessage;
    if (method === 'Profiler.consoleProfileFinished') listener.onProfile(worker.threadId, parameters);
    if (id === undefined) return;
    const call = worker.calls.get(id);
    worker.calls.delete(id);
    if (error) call?.reject(new Error(error.message));
    else call?.resolve(result);
  });
  session.on('NodeWorker.detachedFromWorker', ({ params }) => {
    const calls = workers.get(params.sessionId)?.calls.values() ?? [];
    for (const { reject } of calls) reject(new Error('the worker has ended'));
    workers.get(params.sessionId)?.end();
    workers.delete(params.sessionId);
  });
  await new Promise<void>((resolve, reject) =>
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false }, (error) =>
      error ? reject(error) : resolve(),
    ),
  );
}

function promiseWithResolver(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((resolvePromise) => {
    resolve = resolvePromise;
  });
  return { promise, resolve };
}
