import { basename } from 'node:path';
import type { Batch } from '../../protocol/batch/batch.ts';
import { socketVariable, tokenVariable } from '../../protocol/environment-variables.ts';

/**
 * Sends a notice to the host from a process that starts no sampler. Does not keep the process alive, so the notice of a
 * process that ends at once may be lost. Runs in old versions of Node too.
 */
export function sendNotice(notice: string): void {
  const address = process.env[socketVariable];
  // Loaded late, because few processes need them and the oldest versions of Node lack one.
  const { isMainThread } = require('node:worker_threads') as typeof import('node:worker_threads');
  if (!address || !isMainThread) return;
  const token = process.env[tokenVariable];
  const batch: Batch = {
    v: 1,
    source: `${process.pid}.0`,
    sequence: 0,
    atNs: 0,
    hello: {
      pid: process.pid,
      ppid: process.ppid,
      threadId: 0,
      runtime: `node ${process.versions.node}`,
      name: basename(process.argv[1] || 'node'),
      wallStartMs: Date.now(),
      recordNs: 0,
      ...(token ? { token } : {}),
    },
    notices: [notice],
    cost: { events: 0, flushNs: 0 },
    bye: { reason: 'end' },
  };
  const { connect } = require('node:net') as typeof import('node:net');
  const network = /^127\.0\.0\.1:(\d+)$/.exec(address);
  const socket = network ? connect(Number(network[1]), '127.0.0.1') : connect(address);
  socket.on('error', () => socket.destroy());
  socket.end(`${JSON.stringify(batch)}\n`);
  socket.unref();
}
