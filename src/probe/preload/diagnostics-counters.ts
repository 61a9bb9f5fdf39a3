import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { GaugeEvent } from '../../protocol/batch/batch.ts';
import { CacheLookups, type LookupCount } from './cache-lookups.ts';

/** Maximum number of open sockets whose bytes are counted; further sockets are ignored. */
const maxSockets = 5000;

/** Counts what Node and libraries publish on diagnostics channels: socket traffic, and lookups in caches. */
export class DiagnosticsCounters {
  readonly #sockets = new Set<Socket>();
  /** Bytes of sockets that have been closed. */
  #closedBytes = { in: 0, out: 0 };
  /** Totals at the previous call of `drain`. */
  #sentBytes = { in: 0, out: 0 };
  readonly #lookups: CacheLookups;

  constructor(isUserCode: (file: string) => boolean) {
    this.#lookups = new CacheLookups(isUserCode);
    for (const name of ['net.client.socket', 'net.server.socket']) {
      subscribe(name, (message) => {
        const { socket } = message as { readonly socket: Socket };
        if (this.#sockets.size < maxSockets) this.#sockets.add(socket);
      });
    }
  }

  /** Returns the total socket traffic of this thread if it has changed, and the cache lookups since the previous call. */
  drain(): { readonly gauges: readonly GaugeEvent[]; readonly lookups: readonly LookupCount[] } {
    const bytes = { ...this.#closedBytes };
    for (const socket of this.#sockets) {
      bytes.in += socket.bytesRead;
      bytes.out += socket.bytesWritten;
      if (!socket.destroyed) continue;
      this.#closedBytes.in += socket.bytesRead;
      this.#closedBytes.out += socket.bytesWritten;
      this.#sockets.delete(socket);
    }
    const hasChanged = bytes.in !== this.#sentBytes.in || bytes.out !== this.#sentBytes.out;
    this.#sentBytes = bytes;
    const gauges = hasChanged ? [byteGauge('bytes in', bytes.in), byteGauge('bytes out', bytes.out)] : [];
    return { gauges, lookups: this.#lookups.drain() };
  }
}

function byteGauge(name: string, value: number): GaugeEvent {
  return { component: 'sockets', name, value, unit: 'bytes', rule: 'total' };
}
