/** Ways by which batches leave the guest. None of them waits, throws or keeps the process alive. */

import { type Control, isControl } from '../../protocol/control.ts';
import { ipcVariable, socketVariable, tokenVariable } from '../../protocol/environment-variables.ts';
import type { Batch } from '../../protocol/event.ts';
import { Wire } from '../link/wire.ts';
import { anchor } from '../sampling/thread-profiler.ts';

/** `some`: leave out what is only an example; `full`: send nothing now, the next batch carries it too. */
export type Pressure = 'none' | 'some' | 'full';

export interface Transport {
  pressure(): Pressure;
  /** False where the batch was not taken and never will be. */
  send(batch: Batch): boolean;
  /** Resolves when all that was taken has left the process, or cannot any more. */
  drained(): Promise<void>;
  close(): void;
}

/** Batches under way before examples are left out, and before nothing more is sent. */
const someBatches = 2;
const fullBatches = 4;

/** The IPC channel of a child that was started with `fork`, if its parent is a profiler. */
export function ipcTransport(onControl: (control: Control) => void): Transport | undefined {
  const channel = process.channel;
  if (!process.send || !channel || process.env[ipcVariable] !== '1') return undefined;
  let underWay = 0;
  let waiting: (() => void)[] = [];
  const settle = (): void => {
    underWay--;
    if (underWay > 0) return;
    for (const resume of waiting) resume();
    waiting = [];
  };
  const listener = (message: unknown): void => {
    if (isControl(message)) onControl(message);
  };
  process.on('message', listener);
  channel.unref();
  return {
    pressure: () => (underWay >= fullBatches ? 'full' : underWay >= someBatches ? 'some' : 'none'),
    send: (batch) => {
      if (!process.connected) return false;
      underWay++;
      try {
        process.send?.(batch, undefined, undefined, settle);
        return true;
      } catch {
        settle();
        return false;
      }
    },
    drained: () =>
      underWay === 0 || !process.connected ? Promise.resolve() : new Promise((done) => waiting.push(done)),
    close: () => {
      process.off('message', listener);
    },
  };
}

/** The socket of a profiler that started this program without a channel of its own. */
export function socketTransport(onControl: (control: Control) => void): Transport | undefined {
  const address = process.env[socketVariable];
  const token = process.env[tokenVariable];
  if (!address) return undefined;
  const wire = new Wire({ address, ...(token ? { token } : {}), stays: false, onControl });
  return {
    pressure: () => wire.pressure,
    send: (batch) => {
      wire.send(batch);
      return true;
    },
    drained: () => wire.close(),
    close: () => void wire.close(),
  };
}

/** What the preload leaves in each thread of a program; see `presence.ts`. */
interface Preloaded {
  readonly speak?: (batch: Batch) => void;
  readonly onEnd?: (listener: () => void) => void;
}

/**
 * Where the program runs under the preload, that speaks for this thread: it is one source, with one number for each
 * batch. `onEnd` is called before the preload's own end.
 */
export function preloadTransport(onEnd: () => void): Transport | undefined {
  const preload = (globalThis as { readonly [key: symbol]: Preloaded | undefined })[Symbol.for(anchor)];
  if (!preload?.speak) return undefined;
  preload.onEnd?.(onEnd);
  return {
    pressure: () => 'none',
    send: (batch) => {
      preload.speak?.(batch);
      return true;
    },
    drained: () => Promise.resolve(),
    close: () => undefined,
  };
}
