import { Session } from 'node:inspector';

interface SessionListener {
  /** Called just before a session of this thread can receive profiles (1), and when sessions no longer can (negative). */
  readonly onUse: (change: number) => void;
  readonly onCoverage: () => void;
}

/**
 * Reports when the program uses V8's profiler through inspector sessions. V8 sends every profile that is recorded with
 * `console.profile` to all sessions that have enabled the profiler, so the probe must record none meanwhile.
 * The returned function releases the sessions that remain when the thread ends.
 */
export function watchSessions({ onUse, onCoverage }: SessionListener): () => void {
  const users = new WeakSet<object>();
  let userCount = 0;
  const change = (difference: number): void => {
    userCount += difference;
    onUse(difference);
  };
  const release = (session: object): void => {
    if (users.delete(session)) change(-1);
  };
  watchMethod('post', {
    before: (session, command) => {
      if (command === 'Profiler.startPreciseCoverage') onCoverage();
      if (command !== 'Profiler.enable' || users.has(session)) return;
      users.add(session);
      change(1);
    },
    after: (session, command, error) => {
      if (command === 'Profiler.disable' || error?.code === 'ERR_INSPECTOR_NOT_CONNECTED') release(session);
    },
  });
  watchMethod('disconnect', { before: () => undefined, after: release });
  return () => change(-userCount);
}

interface MethodListener {
  readonly before: (session: object, command: unknown) => void;
  readonly after: (session: object, command: unknown, error?: { readonly code?: string }) => void;
}

/** Calls the listener around each call of a method of `Session`. A proxy keeps the name and the length of the method. */
function watchMethod(name: 'post' | 'disconnect', { before, after }: MethodListener): void {
  const descriptor = Object.getOwnPropertyDescriptor(Session.prototype, name);
  const method: unknown = descriptor?.value;
  if (typeof method !== 'function') return;
  const value = new Proxy(method, {
    apply: (target, session, parameters) => {
      const [command] = parameters;
      before(session, command);
      try {
        const result: unknown = Reflect.apply(target, session, parameters);
        after(session, command);
        return result;
      } catch (error) {
        after(session, command, error as { readonly code?: string });
        throw error;
      }
    },
  });
  Object.defineProperty(Session.prototype, name, { ...descriptor, value });
}
