/**
 * The door of the zero-code probe: loaded by `NODE_OPTIONS` before a program, in its main thread and its workers.
 *
 * It starts the sampler in a thread of its own, leaves behind what the sampler calls, and waits a moment at the start and
 * at the end. It says nothing, throws nothing, and where anything fails the program runs as if it were not there.
 */
import { constants } from 'node:os';
import { join } from 'node:path';
import {
  getEnvironmentData,
  isMainThread,
  setEnvironmentData,
  threadId,
  Worker,
  workerData,
} from 'node:worker_threads';
import { socketVariable } from '../../protocol/environment-variables.ts';
import { anchor } from '../sampling/thread-profiler.ts';
import { currentWishes } from './probe-config.ts';
import { Flags, flagBytes } from './shared-flags.ts';
import { Presence, type Word } from './thread-agent.ts';

/** Longest that a program waits for the sampler before its own first line, and after its last. */
const startMs = 1000;
const endMs = 1000;
/** Signals that end a process which does not listen for them. */
const mortal = [
  'SIGTERM',
  'SIGINT',
  'SIGHUP',
  'SIGKILL',
  'SIGQUIT',
  'SIGABRT',
  'SIGUSR2',
  'SIGALRM',
  'SIGSEGV',
] as const;
const key = Symbol.for(anchor);

function start(): void {
  if (!process.env[socketVariable] || key in globalThis || (workerData as Setup | undefined)?.[anchor]) return;
  // A thread that asks for an inspector which is not permitted ends the whole process.
  if (process.permission?.has('inspector') === false) return;
  const beganMs = performance.now();
  const flags = isMainThread ? startSampler() : (getEnvironmentData(anchor) as SharedArrayBuffer | undefined);
  if (!flags) return;
  // Not enumerable: tests that look for leaked globals do not see it.
  const presence = new Presence(currentWishes(), __dirname, tell);
  Object.defineProperty(globalThis, key, { value: presence });
  const shared = new Flags(flags);
  const end = (): void => {
    presence.end();
    shared.waitForEnd(threadId, endMs);
  };
  process.on('exit', end);
  if (isMainThread) endBeforeKill(end);
  // Functions that run before the profiler does would be told wrongly all along.
  shared.waitForStart(threadId, startMs);
  settle();
  presence.waited(performance.now() - beganMs);
}

/**
 * Does what starting a thread left to be done: else it would stand in the traces of the program's first module. Node's
 * own warnings of its start wait for their turn, after that module, as they do without us.
 */
function settle(): void {
  const queue = process as unknown as { _tickCallback?: () => void; emit: (...told: unknown[]) => boolean };
  const own = Object.getOwnPropertyDescriptor(process, 'emit');
  const emit = queue.emit;
  const warnings: unknown[][] = [];
  Object.defineProperty(process, 'emit', {
    configurable: true,
    value: (...told: unknown[]) => (told[0] === 'warning' ? warnings.push(told) > 0 : emit.apply(process, told)),
  });
  try {
    queue._tickCallback?.();
  } finally {
    if (own) Object.defineProperty(process, 'emit', own);
    else Reflect.deleteProperty(process, 'emit');
    for (const told of warnings) process.nextTick(() => queue.emit(...told));
  }
}

/** A process that kills itself has no exit event, and Node would complain of a debugger that is still there. */
function endBeforeKill(end: () => void): void {
  const native = process as unknown as { _kill: (pid: number, signal: number) => number };
  const kill = native._kill;
  native._kill = (pid, signal) => {
    const name = mortal.find((one) => constants.signals[one] === signal);
    if (name && [process.pid, -process.pid, 0, -1].includes(pid) && process.listenerCount(name) === 0) end();
    return kill.call(process, pid, signal);
  };
}

/** Says something to the sampler: opened for each word, since an open channel gathers what others say. */
function tell(word: Word): void {
  const channel = new BroadcastChannel(`${anchor} ${process.pid}`);
  channel.unref();
  channel.postMessage({ threadId, ...word });
  channel.close();
}

interface Setup {
  readonly [anchor]: true;
}

function startSampler(): SharedArrayBuffer {
  const flags = new SharedArrayBuffer(flagBytes);
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const sampler = new Worker(join(__dirname, 'sampler.cjs'), {
    workerData: { [anchor]: true, flags, name: process.argv[1] ?? 'node', wallStartMs: performance.timeOrigin },
    // Without them it does not load itself again.
    execArgv: [],
    env,
    stdout: true,
    stderr: true,
    trackUnmanagedFds: false,
  });
  sampler.unref();
  sampler.on('error', () => undefined);
  setEnvironmentData(anchor, flags);
  return flags;
}

try {
  start();
} catch {
  // Such as a permission that is not given: the program is worth more than its profile.
}
