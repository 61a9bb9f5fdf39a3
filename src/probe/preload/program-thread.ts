/**
 * Entry point of the probe in the program's main thread and its workers.
 *
 * It starts the sampler in a separate thread, leaves a `ThreadAgent` for the sampler to call, and blocks briefly at the
 * start and the end of the thread. It never prints or throws: if anything fails, the program runs as if it were not there.
 */
import { getEnvironmentData, isMainThread, setEnvironmentData, threadId, workerData } from 'node:worker_threads';
import type { ProbeConfig } from '../../protocol/control.ts';
import { socketVariable } from '../../protocol/environment-variables.ts';
import { readSystemThreadId } from '../clocks/thread-cpu-clock.ts';
import { sendFinalBatch } from '../link/send-final-batch.ts';
import { startSampler } from '../sampling/start-sampler.ts';
import { probeKey } from '../sampling/thread-profiler.ts';
import { findConflict } from './conflict.ts';
import { readProbeConfig } from './probe-config.ts';
import { sendNotice } from './send-notice.ts';
import { isSampledFromStart, SharedFlags } from './shared-flags.ts';
import { type AgentMessage, ThreadAgent } from './thread-agent.ts';
import { onThreadEnd } from './thread-end.ts';
import type { FinalStats } from './thread-stats.ts';

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
  const memory = isMainThread ? shareSampler() : (getEnvironmentData(probeKey) as SharedArrayBuffer | undefined);
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
    (notice) => endThread(agent, flags, config, notice),
    // Ending an inspector session ends V8's precise coverage, which the program may read at its exit.
    () => flags.hasCoverage,
  );
  flags.setSystemThreadId(threadId, readSystemThreadId());
  // V8 attributes functions to the wrong place if they first run before its profiler has started, so wait for it.
  const mustWait = config.hasFineSampling === true && agent.canSample && isSampledFromStart(threadId);
  flags.waitForStart(threadId, mustWait ? maxStartWaitMs : 0);
  agent.addStartWait(performance.now() - startMs);
}

/** Hands over what the thread still has to report, and blocks briefly if the sampler must read or send it. */
function endThread(agent: ThreadAgent, flags: SharedFlags, config: ProbeConfig, notice: string | undefined): void {
  const needsSampler = agent.needsSamplerAtEnd;
  const final = finalStats(agent, notice);
  // A short program ends before the sampler has started, which takes longer than many programs run.
  const mayLeave = final && !needsSampler && isMainThread && final.stats.lookups.length === 0;
  if (mayLeave && flags.leave(threadId) && sendFinalBatch(final, config)) return;
  const isPosted = final !== undefined && agent.sendFinal(final);
  // The sampler goes on after a worker, but not after the main thread.
  const mayEnd = isPosted && !needsSampler && !isMainThread;
  flags.waitForEnd(threadId, mayEnd ? 0 : maxEndWaitMs);
}

/** Without the thread's last data, because the program has replaced what collects them, the sampler reports what it can read itself. */
function finalStats(agent: ThreadAgent, notice: string | undefined): FinalStats | undefined {
  try {
    return agent.end(notice);
  } catch {
    return undefined;
  }
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

/** Starts the sampler. Workers of the program find its memory. */
function shareSampler(): SharedArrayBuffer {
  const memory = startSampler(process.env);
  setEnvironmentData(probeKey, memory);
  return memory;
}

try {
  start();
} catch {
  // Run the program without a profile.
}
