/**
 * The door of the zero-code probe: loaded by `NODE_OPTIONS` before a program, in its main thread and its workers.
 *
 * It starts the sampler in a thread of its own, leaves behind what the sampler calls, and waits a moment at the start and
 * at the end. It says nothing, throws nothing, and where anything fails the program runs as if it were not there.
 */
import { join } from 'node:path';
import {
  getEnvironmentData,
  isMainThread,
  setEnvironmentData,
  threadId,
  Worker,
  workerData,
} from 'node:worker_threads';
import { socketVariable } from '../protocol/environment.ts';
import { Flags, flagBytes } from './flags.ts';
import { Presence, type Word } from './presence.ts';
import { anchor } from './subject.ts';
import { currentWishes } from './wishes.ts';

/** Longest that a program waits for the sampler before its own first line, and after its last. */
const startMs = 500;
const endMs = 1000;
const key = Symbol.for(anchor);

function start(): void {
  if (!process.env[socketVariable] || key in globalThis || (workerData as Setup | undefined)?.[anchor]) return;
  const flags = isMainThread ? startSampler() : (getEnvironmentData(anchor) as SharedArrayBuffer | undefined);
  if (!flags) return;
  // Not enumerable: tests that look for leaked globals do not see it.
  const presence = new Presence(currentWishes(), __dirname, tell);
  Object.defineProperty(globalThis, key, { value: presence });
  const shared = new Flags(flags);
  process.on('exit', () => {
    presence.end();
    shared.waitForEnd(threadId, endMs);
  });
  // Functions that run before the profiler does would be told wrongly all along.
  shared.waitForStart(threadId, startMs);
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
