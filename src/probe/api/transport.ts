import type { Batch } from '../../protocol/batch/batch.ts';
import { type Control, isControl } from '../../protocol/control.ts';
import { ipcVariable, socketVariable, tokenVariable } from '../../protocol/environment-variables.ts';
import { HostConnection } from '../link/host-connection.ts';
import { probeKey } from '../sampling/thread-profiler.ts';

/**
 * Backpressure of a transport. `some`: leave out examples, that is spans and items. `full`: send nothing now, because a
 * later batch will carry the counts.
 */
export type Pressure = 'none' | 'some' | 'full';

/** Sends batches out of the measured process. Implementations never block, throw or keep the process alive. */
export interface Transport {
  pressure(): Pressure;
  /** Returns false if the connection is gone for good. */
  send(batch: Batch): boolean;
  /** Resolves once every sent batch has left the process or the connection is gone. */
  whenDrained(): Promise<void>;
  close(): void;
}

/** Numbers of unsent batches at which the pressure becomes `some` and `full`. */
const minBatchesForSomePressure = 2;
const minBatchesForFullPressure = 4;

/** Uses the IPC channel of `fork`. Returns undefined if the process was not forked by a profiler. */
export function ipcTransport(onControl: (control: Control) => void): Transport | undefined {
  const channel = process.channel;
  if (!process.send || !channel || process.env[ipcVariable] !== '1') return undefined;
  let pendingCount = 0;
  let drainWaiters: (() => void)[] = [];
  const onSent = (): void => {
    pendingCount--;
    if (pendingCount > 0) return;
    for (const resume of drainWaiters) resume();
    drainWaiters = [];
  };
  const listener = (message: unknown): void => {
    if (isControl(message)) onControl(message);
  };
  process.on('message', listener);
  channel.unref();
  return {
    pressure: () =>
      pendingCount >= minBatchesForFullPressure ? 'full' : pendingCount >= minBatchesForSomePressure ? 'some' : 'none',
    send: (batch) => {
      if (!process.connected) return false;
      pendingCount++;
      try {
        process.send?.(batch, undefined, undefined, onSent);
        return true;
      } catch {
        onSent();
        return false;
      }
    },
    whenDrained: () =>
      pendingCount === 0 || !process.connected ? Promise.resolve() : new Promise((done) => drainWaiters.push(done)),
    close: () => {
      process.off('message', listener);
    },
  };
}

/** Uses the profiler's socket named in the environment. Returns undefined if there is none. */
export function socketTransport(onControl: (control: Control) => void): Transport | undefined {
  const address = process.env[socketVariable];
  const token = process.env[tokenVariable];
  if (!address) return undefined;
  const connection = new HostConnection({ address, ...(token ? { token } : {}), keepsThreadAlive: false, onControl });
  return {
    pressure: () => connection.pressure,
    send: (batch) => {
      connection.send(batch);
      return true;
    },
    whenDrained: () => connection.close(),
    close: () => void connection.close(),
  };
}

/** The part of `ThreadAgent` used here. The preload exposes one on `globalThis` in every thread of a program. */
interface PreloadedAgent {
  readonly sendBatch?: (batch: Batch) => void;
  readonly onEnd?: (listener: () => void) => void;
}

/**
 * Uses the preload's connection if the program runs under the preload. A thread must be one source with one sequence of
 * batch numbers, so the preload sends for both. Calls `onEnd` before the preload finishes.
 */
export function preloadTransport(onEnd: () => void): Transport | undefined {
  const agent = (globalThis as { readonly [key: symbol]: PreloadedAgent | undefined })[Symbol.for(probeKey)];
  if (!agent?.sendBatch) return undefined;
  agent.onEnd?.(onEnd);
  return {
    pressure: () => 'none',
    send: (batch) => {
      agent.sendBatch?.(batch);
      return true;
    },
    whenDrained: () => Promise.resolve(),
    close: () => undefined,
  };
}
