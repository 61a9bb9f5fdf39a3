/** Reaches the inspectors of a program's worker threads through the main thread's, by the `NodeWorker` domain. */
import type { Session } from 'node:inspector';
import type { Inspector } from '../sampling/thread-profiler.ts';

export interface WorkerListener {
  readonly attached: (threadId: number, inspector: Inspector) => void;
  readonly recorded: (threadId: number, told: unknown) => void;
}

interface Told {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

type Resume = { readonly done: (result: unknown) => void; readonly fail: (error: Error) => void };

/** The title begins with the thread's number; what is called the worker's id only counts inspectors as they come up. */
function threadOf({ title }: { readonly title: string }): number | undefined {
  const [, number] = /^(?:\[worker|Worker) (\d+)/.exec(title) ?? [];
  return number === undefined ? undefined : Number(number);
}

/** From now on each worker is told of, but for `ownThread`. */
export async function watchWorkers(session: Session, ownThread: number, listener: WorkerListener): Promise<void> {
  const waiting = new Map<string, Map<number, Resume>>();
  const threads = new Map<string, number>();
  session.on('NodeWorker.attachedToWorker', ({ params }) => {
    const threadId = threadOf(params.workerInfo);
    if (threadId === undefined || threadId === ownThread) return;
    threads.set(params.sessionId, threadId);
    const resumes = new Map<number, Resume>();
    waiting.set(params.sessionId, resumes);
    let next = 0;
    listener.attached(threadId, {
      post: (method, parameters) =>
        new Promise((done, fail) => {
          const id = ++next;
          resumes.set(id, { done, fail });
          const message = JSON.stringify({ id, method, params: parameters ?? {} });
          session.post('NodeWorker.sendMessageToWorker', { sessionId: params.sessionId, message }, (error) => {
            if (!error) return;
            resumes.delete(id);
            fail(error);
          });
        }),
    });
  });
  session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
    const told = JSON.parse(params.message) as Told;
    const threadId = threads.get(params.sessionId);
    if (told.method === 'Profiler.consoleProfileFinished' && threadId !== undefined)
      listener.recorded(threadId, told.params);
    const resumes = waiting.get(params.sessionId);
    const resume = resumes?.get(told.id ?? -1);
    resumes?.delete(told.id ?? -1);
    if (told.error) resume?.fail(new Error(told.error.message));
    else resume?.done(told.result);
  });
  session.on('NodeWorker.detachedFromWorker', ({ params }) => {
    for (const { fail } of waiting.get(params.sessionId)?.values() ?? []) fail(new Error('the worker has ended'));
    waiting.delete(params.sessionId);
    threads.delete(params.sessionId);
  });
  await new Promise<void>((done, fail) =>
    session.post('NodeWorker.enable', { waitForDebuggerOnStart: false }, (error) => (error ? fail(error) : done())),
  );
}
