import { closeSync, openSync, writeSync } from 'node:fs';
import { basename } from 'node:path';
import type { Batch } from '../../protocol/batch/batch.ts';
import { protocolVersion } from '../../protocol/batch/limits.ts';
import type { ProbeConfig } from '../../protocol/control.ts';
import { defined } from '../../protocol/defined.ts';
import { socketVariable, tokenVariable } from '../../protocol/environment-variables.ts';
import type { FinalStats } from '../preload/thread-stats.ts';
import { unsampledName } from '../sampling/sampled-stacks.ts';

/** ID of the only operation of the batch; lower ones belong to the program. */
const unsampledId = 1_000_000;

/**
 * Sends everything about a program whose main thread ends before the sampler has started. Returns once the system has taken
 * it. Returns false if it could not be sent, for example because the host has a network address, which takes time to connect to.
 */
export function sendFinalBatch(final: FinalStats, config: ProbeConfig): boolean {
  const address = process.env[socketVariable];
  if (!address || address.startsWith('127.0.0.1:')) return false;
  try {
    const line = `${JSON.stringify(finalBatch(final, config))}\n`;
    return process.platform === 'win32' ? writeToPipe(address, line) : writeToSocket(address, line);
  } catch {
    return false;
  }
}

function writeToPipe(address: string, line: string): boolean {
  const pipe = openSync(address, 'r+');
  try {
    return writeSync(pipe, line) === Buffer.byteLength(line);
  } finally {
    closeSync(pipe);
  }
}

/** A local socket is connected at once, unless too many others wait. Node does so only in the next turn of its loop. */
function writeToSocket(address: string, line: string): boolean {
  // Loaded late, because it takes some milliseconds and few programs are so short.
  const { Socket } = require('node:net') as typeof import('node:net');
  const socket = new Socket();
  socket.on('error', () => undefined);
  socket.connect(address);
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly fd: number } };
  try {
    return handle !== undefined && writeSync(handle.fd, line) === Buffer.byteLength(line);
  } finally {
    socket.destroy();
  }
}

function finalBatch({ stats, cpuNs, heapBytes }: FinalStats, config: ProbeConfig): Batch {
  const { pid, ppid, env, argv, versions } = process;
  const token = env[tokenVariable];
  const usage = process.resourceUsage();
  const { startWaitMs, rotationMs, gauges, notices, loopDelayNs, gcNs } = stats;
  const unsampled: Partial<Batch> =
    config.samplingNs > 0 && cpuNs !== undefined
      ? {
          definitions: [{ id: unsampledId, component: 'functions', name: unsampledName, kind: 'function' }],
          stackNodes: [[1, 0, unsampledId]],
          stackSamples: [[1, 0, Math.round(cpuNs)]],
        }
      : {};
  return {
    v: protocolVersion,
    source: `${pid}.0`,
    sequence: 0,
    atNs: performance.now() * 1e6,
    hello: {
      pid,
      ppid,
      threadId: 0,
      runtime: `node ${versions.node}`,
      name: basename(argv[1] ?? 'node'),
      wallStartMs: performance.timeOrigin,
      recordNs: 0,
      ...defined({ token }),
    },
    ...unsampled,
    ...(gauges.length > 0 ? { gauges: [...gauges] } : {}),
    ...(notices.length > 0 ? { notices: [...notices] } : {}),
    resources: {
      rssBytes: process.memoryUsage.rss(),
      heapBytes,
      peakRssBytes: usage.maxRSS * 1024,
      cpuNs: (usage.userCPUTime + usage.systemCPUTime) * 1000,
      eventLoopDelayP99Ns: loopDelayNs,
      ...defined({ gcNs }),
    },
    // The sampler that has not started yet takes time too, beside the thread.
    cost: { events: 0, flushNs: (startWaitMs + rotationMs) * 1e6 + otherThreadsNs(usage, cpuNs) },
    bye: { reason: 'end' },
  };
}

/** Returns the CPU time of all other threads, of which the sampler has used nearly all in a short program. */
function otherThreadsNs({ userCPUTime, systemCPUTime }: NodeJS.ResourceUsage, mainNs: number | undefined): number {
  return mainNs === undefined ? 0 : Math.max(0, (userCPUTime + systemCPUTime) * 1000 - mainNs);
}
