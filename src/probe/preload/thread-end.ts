import { constants } from 'node:os';
import { isMainThread } from 'node:worker_threads';

type Uninstall = () => void;
type Emit = (...parameters: unknown[]) => unknown;

/** Signals that do not end a process by default. Node treats them as if they did. */
const harmlessSignals = new Set(['SIGCHLD', 'SIGCONT', 'SIGURG', 'SIGUSR1', 'SIGWINCH']);

/**
 * Calls `end` once, just before the thread ends or its process becomes another program. Not an `exit` listener, because
 * programs count and limit their listeners. All hooks are removed again before `end` is called. If `isLast` returns true,
 * the program's own `exit` listeners run first.
 */
export function onThreadEnd(end: (notice?: string) => void, isLast: () => boolean): void {
  const hooks: Uninstall[] = [];
  let hasEnded = false;
  // Without methods of arrays, because programs replace them.
  const endOnce = (notice?: string): void => {
    if (hasEnded) return;
    hasEnded = true;
    try {
      for (let index = 0; index < hooks.length; index++) hooks[index]?.();
      end(notice);
    } catch {
      // A program may have replaced what is called here. It ends as if the probe were not there.
    }
  };
  hooks.push(onExitEvent(() => endOnce(), isLast));
  if (!isMainThread) return;
  // Without these, Node would report that a debugger is still attached, and a profiling signal could hit the next program.
  hooks.push(beforeCall('reallyExit', () => endOnce()));
  hooks.push(beforeCall('execve', () => endOnce()));
  hooks.push(
    beforeCall('_kill', (pid, signal) => {
      const name = fatalSignal(pid, signal);
      if (name) endOnce(harmlessSignals.has(name) ? harmlessNotice(name) : undefined);
    }),
  );
}

/**
 * Returns the name of a signal that Node takes for the end of this process. It assumes so for every signal that the process
 * sends to itself and has no listener for, and disconnects all inspectors.
 */
function fatalSignal(pid: unknown, signal: unknown): string | undefined {
  if (![process.pid, -process.pid, 0, -1].includes(Number(pid))) return undefined;
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
  return name && process.listenerCount(name) === 0 ? name : undefined;
}

function harmlessNotice(name: string): string {
  return `Measurements end where the program sends ${name} to itself because Node then disconnects the probe. Send the signal from another process to measure on.`;
}

/**
 * Calls `hook` before or after the listeners of `exit`. Node reads `process.emit` just after it has marked the process as exiting, so
 * a property with a getter is enough, and no frame appears in the stack traces of listeners.
 */
function onExitEvent(hook: () => void, isLast: () => boolean): Uninstall {
  const prototype: object = Object.getPrototypeOf(process);
  const define = (holder: object, read: () => Emit): void => {
    Object.defineProperty(holder, 'emit', {
      configurable: true,
      enumerable: true,
      get: () => {
        const emit = read();
        if (!(process as { readonly _exiting?: boolean })._exiting) return emit;
        if (isLast()) return callBefore(hook, emit);
        hook();
        return emit;
      },
      // Programs replace `process.emit`. A replacement is watched in the same way.
      set(this: object, value: Emit) {
        if (this === process) define(process, () => value);
        else defineValue(this, value);
      },
    });
  };
  // Not on `process` itself, whose keys programs list.
  define(prototype, () => Object.getPrototypeOf(prototype).emit);
  return () => {
    Reflect.deleteProperty(prototype, 'emit');
    const replaced = Object.getOwnPropertyDescriptor(process, 'emit')?.get;
    if (replaced) defineValue(process, replaced.call(process));
  };
}

/** Returns a function that calls `emit` and then `hook`, even if a listener throws. */
function callBefore(hook: () => void, emit: Emit): Emit {
  return (...parameters) => {
    try {
      return Reflect.apply(emit, process, parameters);
    } finally {
      hook();
    }
  };
}

function defineValue(holder: object, value: unknown): void {
  Object.defineProperty(holder, 'emit', { configurable: true, enumerable: true, writable: true, value });
}

/** Calls `hook` before a method of `process`, if this version of Node has it. */
function beforeCall(name: string, hook: (...parameters: readonly unknown[]) => void): Uninstall {
  const descriptor = Object.getOwnPropertyDescriptor(process, name);
  const method: unknown = descriptor?.value;
  if (typeof method !== 'function') return () => undefined;
  // A proxy keeps the name and the length.
  const value = new Proxy(method, {
    apply: (target, self, parameters) => {
      hook(...parameters);
      return Reflect.apply(target, self, parameters);
    },
  });
  Object.defineProperty(process, name, { ...descriptor, value });
  return () => {
    const isReplaced = Object.getOwnPropertyDescriptor(process, name)?.value !== value;
    if (!isReplaced) Object.defineProperty(process, name, { ...descriptor });
  };
}
