/**
 * Entry point of the zero-code probe. `NODE_OPTIONS` loads it before the program, in its main thread and its workers.
 *
 * It starts the sampler in a separate thread, leaves a `ThreadAgent` for the sampler to call, and blocks briefly at the
 * start and the end of the thread. It never prints or throws: if anything fails, the program runs as if it were not there.
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
import { probeKey } from '../sampling/thread-profiler.ts';
import { readProbeConfig } from './probe-config.ts';
import { SharedFlags, sharedFlagsBytes } from './shared-flags.ts';
import { type AgentMessage, ThreadAgent } from './thread-agent.ts';

/** Maximum time that a program waits for the sampler before its first line. */
const maxStartWaitMs = 1000;
/** Maximum time that a program waits for the sampler after its last line. */
const maxEndWaitMs = 1000;
/** Signals that end a process unless it listens for them. */
const fatalSignals = [
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
const agentKey = Symbol.for(probeKey);

function start(): void {
  if (!process.env[socketVariable] || agentKey in globalThis || (workerData as Setup | undefined)?.[probeKey]) return;
  // Opening an inspector without permission would end the whole process.
  if (process.permission?.has('inspector') === false) return;
  const startMs = performance.now();
  const memory = isMainThread ? startSampler() : (getEnvironmentData(probeKey) as SharedArrayBuffer | undefined);
  if (!memory) return;
  const agent = new ThreadAgent(readProbeConfig(), __dirname, sendToSampler);
  // Not enumerable, so that tests which look for leaked globals do not see it.
  Object.defineProperty(globalThis, agentKey, { value: agent });
  const flags = new SharedFlags(memory);
  const end = (): void => {
    agent.end();
    flags.waitForEnd(threadId, maxEndWaitMs);
  };
  process.on('exit', end);
  if (isMainThread) endBeforeSelfKill(end);
  // V8 attributes functions to the wrong place if they first run before its profiler has started, so wait for it.
  flags.waitForStart(threadId, maxStartWaitMs);
  runPendingTicks();
  agent.addStartWait(performance.now() - startMs);
}

/**
 * Runs the ticks that starting a thread has queued; otherwise they would appear in the stack traces of the program's
 * first module. Node's startup warnings are deferred until after that module, as they are without the probe.
 */
function runPendingTicks(): void {
  const internals = process as unknown as {
    _tickCallback?: () => void;
    emit: (...parameters: unknown[]) => boolean;
  };
  const descriptor = Object.getOwnPropertyDescriptor(process, 'emit');
  const emit = internals.emit;
  const warnings: unknown[][] = [];
  Object.defineProperty(process, 'emit', {
    configurable: true,
    value: (...parameters: unknown[]) =>
      parameters[0] === 'warning' ? warnings.push(parameters) > 0 : emit.apply(process, parameters),
  });
  try {
    internals._tickCallback?.();
  } finally {
    if (descriptor) Object.defineProperty(process, 'emit', descriptor);
    else Reflect.deleteProperty(process, 'emit');
    for (const warning of warnings) process.nextTick(() => internals.emit(...warning));
  }
}

/**
 * Ends the probe before the process kills itself, because then there is no `exit` event and Node would report that a
 * debugger is still attached.
 */
function endBeforeSelfKill(end: () => void): void {
  const internals = process as unknown as { _kill: (pid: number, signal: number) => number };
  const kill = internals._kill;
  internals._kill = (pid, signal) => {
    const name = fatalSignals.find((fatalSignal) => constants.signals[fatalSignal] === signal);
    if (name && [process.pid, -process.pid, 0, -1].includes(pid) && process.listenerCount(name) === 0) end();
    return kill.call(process, pid, signal);
  };
}

/** Opens a channel for each message, because a channel left open would queue the messages of all other threads. */
function sendToSampler(message: AgentMessage): void {
  const channel = new BroadcastChannel(`${probeKey} ${process.pid}`);
  channel.unref();
  channel.postMessage({ threadId, ...message });
  channel.close();
}

interface Setup {
  readonly [probeKey]: true;
}

function startSampler(): SharedArrayBuffer {
  const flags = new SharedArrayBuffer(sharedFlagsBytes);
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const sampler = new Worker(join(__dirname, 'sampler.cjs'), {
    workerData: { [probeKey]: true, flags, name: process.argv[1] ?? 'node', wallStartMs: performance.timeOrigin },
    // Neither these nor NODE_OPTIONS are inherited, so that the preload is not loaded into the sampler.
    execArgv: [],
    env,
    stdout: true,
    stderr: true,
    trackUnmanagedFds: false,
  });
  sampler.unref();
  sampler.on('error', () => undefined);
  setEnvironmentData(probeKey, flags);
  return flags;
}

try {
  start();
} catch {
  // For example, a permission is missing. Run the program without a profile.
}
