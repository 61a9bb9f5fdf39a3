import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { GaugeEvent } from '../../protocol/batch/batch.ts';

/** Maximum number of open sockets whose bytes are counted; further sockets are ignored. */
const maxSockets = 5000;

/** Counts what Node and libraries publish on diagnostics channels: socket traffic, and the lookups of `lru-cache`. */
export class DiagnosticsCounters {
  readonly #sockets = new Set<Socket>();
  /** Bytes of sockets that have been closed. */
  #closedBytes = { in: 0, out: 0 };
  /** Totals at the previous call of `drain`. */
  #sentBytes = { in: 0, out: 0 };
  #hits = 0;
  #misses = 0;

  constructor() {
    for (const name of ['net.client.socket', 'net.server.socket']) {
      subscribe(name, (message) => {
        const { socket } = message as { readonly socket: Socket };
        if (this.#sockets.size < maxSockets) this.#sockets.add(socket);
      });
    }
    subscribe('lru-cache:metrics', (message) => this.#countLookup(message as { readonly op?: unknown }));
  }

  /** Returns total socket traffic if it has changed, and the cache lookups since the previous call. */
  drain(): { readonly gauges: readonly GaugeEvent[]; readonly hits: number; readonly misses: number } {
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
    const [hits, misses] = [this.#hits, this.#misses];
    this.#sentBytes = bytes;
    this.#hits = this.#misses = 0;
    const gauges = hasChanged ? [byteGauge('bytes in', bytes.in), byteGauge('bytes out', bytes.out)] : [];
    return { gauges, hits, misses };
  }

  /** Counts a message of `lru-cache`, which has the result under the name of the method: `{op: 'get', get: 'hit'}`. */
  #countLookup(message: { readonly op?: unknown; readonly [name: string]: unknown }): void {
    if (message.op !== 'get' && message.op !== 'memo') return;
    // Any result other than 'hit' counts as a miss, including 'stale': the cached value had expired.
    if (message[message.op] === 'hit') this.#hits++;
    else this.#misses++;
  }
}

function byteGauge(name: string, value: number): GaugeEvent {
  return { component: 'sockets', name, value, unit: 'bytes' };
}
