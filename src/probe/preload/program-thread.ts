/**
 * Entry point of the probe in the program's main thread and its workers.
 *
 * It starts the sampler in a separate thread, leaves a `ThreadAgent` for the sampler to call, and blocks briefly at the
 * start and the end of the thread. It never prints or throws: if anything fails, the program runs as if it were not there.
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
import { socketVariable } from '../../protocol/environment-variables.ts';
import { probeKey } from '../sampling/thread-profiler.ts';
import { findConflict } from './conflict.ts';
import { readProbeConfig } from './probe-config.ts';
import { sendNotice } from './send-notice.ts';
import { isSampledFromStart, SharedFlags, sharedFlagsBytes } from './shared-flags.ts';
import { type AgentMessage, ThreadAgent } from './thread-agent.ts';
import { onThreadEnd } from './thread-end.ts';

/** Maximum time that a program waits for the sampler before its first line. */
const maxStartWaitMs = 1000;
/** Maximum time that a program waits for the sampler after its last line. */
const maxEndWaitMs = 1000;
const agentKey = Symbol.for(probeKey);

function start(): void {
  if (!process.env[socketVariable] || agentKey in globalThis || (workerData as Setup | undefined)?.[probeKey]) return;
  const startMs = performance.now();
  const conflict = findConflict();
  if (conflict?.leavesOut === 'everything') {
    if (conflict.notice && isMainThread) sendNotice(conflict.notice);
    return;
  }
  const memory = isMainThread ? startSampler() : (getEnvironmentData(probeKey) as SharedArrayBuffer | undefined);
  if (!memory) return;
  const flags = new SharedFlags(memory);
  const config = readProbeConfig();
  const agent = new ThreadAgent({
    config,
    probeFolder: __dirname,
    flags,
    conflict,
    send: sendToSampler,
  });
  // Not enumerable, so that tests which look for leaked globals do not see it.
  Object.defineProperty(globalThis, agentKey, { value: agent });
  onThreadEnd(
    (notice) => {
      agent.end(notice);
      flags.waitForEnd(threadId, maxEndWaitMs);
    },
    // Ending an inspector session ends V8's precise coverage, which the program may read at its exit.
    () => flags.hasCoverage,
  );
  // V8 attributes functions to the wrong place if they first run before its profiler has started, so wait for it.
  const mustWait = config.hasFineSampling === true && agent.canSample && isSampledFromStart(threadId);
  flags.waitForStart(threadId, mustWait ? maxStartWaitMs : 0);
  agent.addStartWait(performance.now() - startMs);
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
  const sampler = withoutTicks(
    () =>
      new Worker(join(__dirname, 'sampler.cjs'), {
        workerData: { [probeKey]: true, flags, name: process.argv[1] ?? 'node', wallStartMs: performance.timeOrigin },
        // The sampler inherits no options or variables of Node: it must not load the preload, debug or write coverage.
        execArgv: [],
        env: Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('PIPESCOPE_'))),
        stdout: true,
        stderr: true,
        trackUnmanagedFds: false,
      }),
  );
  sampler.unref();
  sampler.on('error', () => undefined);
  setEnvironmentData(probeKey, flags);
  return flags;
}

/**
 * Keeps Node from queueing the tick that announces a new worker to listeners of the program. A queued tick would also
 * appear in the stack traces of the program's first module.
 */
function withoutTicks<T>(work: () => T): T {
  const { nextTick } = process;
  try {
    process.nextTick = () => undefined;
    return work();
  } finally {
    process.nextTick = nextTick;
  }
}

try {
  start();
} catch {
  // Run the program without a profile.
}
