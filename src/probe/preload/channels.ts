/** Listens to what Node and libraries tell by themselves on diagnostics channels: sockets, and the lookups of `lru-cache`. */
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { GaugeEvent } from '../../protocol/event.ts';

/** Sockets counted byte by byte at once; later ones are left out. */
const socketsKept = 5000;

export class Channels {
  readonly #sockets = new Set<Socket>();
  /** Of sockets that are gone. */
  #past = { in: 0, out: 0 };
  #told = { in: 0, out: 0 };
  #hits = 0;
  #misses = 0;

  constructor() {
    for (const name of ['net.client.socket', 'net.server.socket']) {
      subscribe(name, (message) => {
        const { socket } = message as { readonly socket: Socket };
        if (this.#sockets.size < socketsKept) this.#sockets.add(socket);
      });
    }
    subscribe('lru-cache:metrics', (message) => this.#lookup(message as { readonly op?: unknown }));
  }

  /** What has come and gone; nothing where it is as it was. */
  take(): { readonly gauges: readonly GaugeEvent[]; readonly hits: number; readonly misses: number } {
    const now = { ...this.#past };
    for (const socket of this.#sockets) {
      now.in += socket.bytesRead;
      now.out += socket.bytesWritten;
      if (!socket.destroyed) continue;
      this.#past.in += socket.bytesRead;
      this.#past.out += socket.bytesWritten;
      this.#sockets.delete(socket);
    }
    const changed = now.in !== this.#told.in || now.out !== this.#told.out;
    const [hits, misses] = [this.#hits, this.#misses];
    this.#told = now;
    this.#hits = this.#misses = 0;
    return { gauges: changed ? [gauge('bytes in', now.in), gauge('bytes out', now.out)] : [], hits, misses };
  }

  /** A lookup tells its result under the name of what was asked for: `{op: 'get', get: 'hit'}`. */
  #lookup(status: { readonly op?: unknown; readonly [name: string]: unknown }): void {
    if (status.op !== 'get' && status.op !== 'memo') return;
    // Other words than these two say that there was a value, but that it had aged.
    if (status[status.op] === 'hit') this.#hits++;
    else this.#misses++;
  }
}

function gauge(name: string, value: number): GaugeEvent {
  return { component: 'sockets', name, value, unit: 'bytes' };
}
