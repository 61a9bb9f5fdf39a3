/**
 * Pretends to be many busy programs: each source sends increments of all of its operations four times a second, over a
 * connection of its own. Arguments: number of sources, operations per source, seconds. Prints the number of calls sent.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { bucketOf } from '../../src/protocol/batch/buckets.ts';

const intervalMs = 250;
const [sources = 50, operationsPerSource = 200, seconds = 10] = process.argv.slice(2).map(Number);
const address = process.env['PIPESCOPE_SOCKET'] ?? '';

let calls = 0;
let bytes = 0;

function batchOf(source: number, sequence: number): string {
  const ids = Array.from({ length: operationsPerSource }, (_, id) => id);
  const operations = ids.map((id) => {
    // Five calls with durations that vary from beat to beat, as those of a real function do.
    const durations = Array.from(
      { length: 5 },
      (_, call) => 1000 * (id + 1) + ((sequence * 37 + call * 611) % 1000) * 7,
    );
    calls += durations.length;
    return {
      id,
      count: durations.length,
      errors: 0,
      totalNs: durations.reduce((sum, duration) => sum + duration, 0),
      selfNs: durations.reduce((sum, duration) => sum + duration, 0),
      minNs: Math.min(...durations),
      maxNs: Math.max(...durations),
      hits: 0,
      misses: 0,
      buckets: durations.flatMap((duration) => [bucketOf(duration), 1]),
    };
  });
  const pid = 100_000 + source;
  const first = {
    hello: { pid, threadId: 0, runtime: 'node', name: `sender ${source}`, wallStartMs: Date.now(), recordNs: 100 },
    definitions: ids.map((id) => ({
      id,
      component: `component ${source % 20}`,
      name: `operation${id}`,
      kind: 'function',
      file: `src/module${source}.ts`,
      line: 10 * id + 1,
    })),
  };
  return JSON.stringify({
    v: 1,
    source: `${pid}.0`,
    sequence,
    atNs: sequence * intervalMs * 1e6,
    ...(sequence === 0 ? first : {}),
    operations,
    cost: { events: calls, flushNs: 0 },
    ...(sequence === beats - 1 ? { bye: { reason: 'end' } } : {}),
  });
}

const beats = Math.round((seconds * 1000) / intervalMs);

async function send(socket: Socket, source: number): Promise<void> {
  await once(socket, 'connect');
  const startMs = performance.now() + (source / sources) * intervalMs;
  for (let sequence = 0; sequence < beats; sequence++) {
    await sleep(Math.max(0, startMs + sequence * intervalMs - performance.now()));
    const line = `${batchOf(source, sequence)}\n`;
    bytes += line.length;
    if (!socket.write(line)) await once(socket, 'drain');
  }
  socket.end();
  await once(socket, 'close');
}

const sockets = Array.from({ length: sources }, () => connect(address).resume());
await Promise.all(sockets.map(send));
console.log(JSON.stringify({ calls, bytes }));
