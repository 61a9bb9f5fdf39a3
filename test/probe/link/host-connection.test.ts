/** Checks that no batch is lost or counted twice if the connection breaks, the host changes or the host does not read. */
import { strict as assert } from 'node:assert';
import { createServer, type Server, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Recorder } from '../../../src/core/record/recorder.ts';
import { HostConnection } from '../../../src/probe/link/host-connection.ts';
import type { Batch } from '../../../src/protocol/batch/batch.ts';
import { isBatch } from '../../../src/protocol/batch/batch.ts';
import { createProgramFolder, operationsIn, runProfiled } from '../profiled-program.ts';

const root = resolve(import.meta.dirname, '../../..');

/** A host that records batches as the real one does, and can drop its connections. */
class TestHost {
  readonly recorder = new Recorder({ components: [], wallStartMs: 0, displayPathOf: (file) => file });
  readonly batches: Batch[] = [];
  readonly #guests = new Set<Socket>();
  readonly #server: Server;

  constructor(path: string, name: string, isReading = true) {
    this.#server = createServer((socket) => {
      this.#guests.add(socket);
      socket.on('error', () => socket.destroy());
      socket.write(`${JSON.stringify({ type: 'welcome', host: name })}\n`);
      if (!isReading) return;
      let partialLine = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (partialLine + chunk).split('\n');
        partialLine = lines.pop() ?? '';
        for (const line of lines) this.#receive(JSON.parse(line));
      });
    }).listen(path);
  }

  /** Number of calls over all operations. */
  get count(): number {
    return [...this.recorder.operations.values()].reduce((sum, { count }) => sum + count, 0);
  }

  disconnectGuests(): void {
    for (const guest of this.#guests) guest.destroy();
    this.#guests.clear();
  }

  async close(): Promise<void> {
    this.disconnectGuests();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #receive(message: unknown): void {
    assert.ok(isBatch(message));
    this.batches.push(message);
    this.recorder.ingest(message, 0);
  }
}

/** A batch with one call. The first, and each with padding, carries the definition. */
function createBatch(index: number, padding = ''): Batch {
  const hello = { pid: 1, threadId: 0, runtime: 'node', name: 'x', wallStartMs: 0, recordNs: 1 };
  const definition = { id: 0, component: 'c', name: `f${padding}`, kind: 'function' as const };
  return {
    v: 1,
    source: '1.0',
    sequence: 0,
    atNs: index,
    ...(index === 0 ? { hello, definitions: [definition] } : {}),
    ...(padding ? { definitions: [definition] } : {}),
    operations: [
      { id: 0, count: 1, errors: 0, totalNs: 10, minNs: 10, maxNs: 10, hits: 1, misses: 0, buckets: [10, 1] },
    ],
    cost: { events: index, flushNs: 0 },
  };
}

function connectTo(path: string): HostConnection {
  return new HostConnection({ address: path, onControl: () => undefined, keepsThreadAlive: true });
}

describe('HostConnection', function () {
  this.timeout(30_000);

  it('delivers every batch once although the connection breaks', async () => {
    const path = join(createProgramFolder({}), 'socket');
    const host = new TestHost(path, 'one');
    const connection = connectTo(path);
    for (let index = 0; index < 60; index++) {
      connection.send(createBatch(index));
      if (index % 20 === 10) host.disconnectGuests();
      await sleep(20);
    }
    await sleep(600);
    assert.equal(host.count, 60);
    assert.equal(host.recorder.dropped.batches, 0);
    // Batches were repeated, so the connection has really been broken.
    assert.ok(host.batches.length > 60, `${host.batches.length} received`);
    await connection.close();
    await host.close();
  });

  it('sends the totals as one batch to a host with another name', async () => {
    const path = join(createProgramFolder({}), 'socket');
    const first = new TestHost(path, 'one');
    const connection = connectTo(path);
    for (let index = 0; index < 20; index++) connection.send(createBatch(index));
    await sleep(200);
    assert.equal(first.count, 20);
    await first.close();
    for (let index = 20; index < 30; index++) connection.send(createBatch(index));
    const second = new TestHost(path, 'two');
    await sleep(1200);
    for (let index = 30; index < 33; index++) connection.send(createBatch(index));
    await sleep(200);
    assert.equal(second.count, 33);
    assert.equal(second.recorder.dropped.batches, 0);
    assert.ok(second.batches[0]?.hello && second.batches[0].definitions?.length === 1);
    assert.equal(second.batches.length, 4);
    const state = [...second.recorder.operations.values()][0]?.state();
    assert.deepEqual([state?.totalNs, state?.p50Ns, state?.cacheHits], [330, 10, 33]);
    await connection.close();
    await second.close();
  });

  it('keeps no backlog before the first host, and reports rising pressure if the host does not read', async () => {
    const path = join(createProgramFolder({}), 'socket');
    const connection = connectTo(path);
    for (let index = 0; index < 2000; index++) connection.send(createBatch(index));
    assert.deepEqual([connection.backlog, connection.pressure, connection.isConnected], [0, 'none', false]);
    const host = new TestHost(path, 'one', false);
    await sleep(700);
    assert.ok(connection.isConnected);
    const pressures = new Set<string>();
    for (let index = 0; index < 30_000 && connection.pressure !== 'full'; index++) {
      connection.send(createBatch(index, 'x'.repeat(300)));
      pressures.add(connection.pressure);
      if (index % 200 === 0) await sleep(1);
    }
    assert.deepEqual([...pressures], ['none', 'some', 'full']);
    await host.close();
    await connection.close();
  });
});

describe('records of a program', function () {
  this.timeout(30_000);
  const api = JSON.stringify(join(root, 'src/probe/api/api.ts'));

  for (const [what, options] of [
    ['with the preload', {}],
    ['without the preload', { env: { NODE_OPTIONS: '' }, withoutPreload: true }],
  ] as const) {
    it(`reach the host completely over the socket ${what}`, async () => {
      const cwd = createProgramFolder({
        'main.mjs': `const { span, cache, count } = await import(${api});\nfor (let i = 0; i < 40; i++) span('step', () => i);\ncache('store').hit(3);\ncount('files', 5);\n`,
      });
      const { status, stderr, errors, batches } = await runProfiled(['main.mjs'], { cwd, ...options });
      assert.deepEqual([status, stderr, errors], [0, '', []]);
      const operations = operationsIn(batches);
      assert.equal(operations.find(({ name }) => name === 'step')?.count, 40);
      assert.equal(operations.find(({ name }) => name === 'store')?.hits, 3);
      const counters = batches.flatMap((batch) => batch.counters ?? []);
      assert.equal(
        counters.reduce((sum, { delta }) => sum + delta, 0),
        5,
      );
      assert.equal(new Set(batches.map(({ source }) => source)).size, 1);
    });
  }

  it('include lookups of lru-cache and bytes of sockets without a change to the program', async () => {
    const lru = JSON.stringify(join(root, 'node_modules/lru-cache/dist/esm/node/index.js'));
    const cwd = createProgramFolder({
      'main.mjs': `import { LRUCache } from ${lru};
import { createServer, connect } from 'node:net';
const cache = new LRUCache({ max: 10 });
for (let i = 0; i < 30; i++) { cache.set(i % 5, i); cache.get(i % 5); cache.get('absent' + i); cache.has(1); }
await new Promise((done) => { const server = createServer((socket) => socket.pipe(socket)).listen(0, () => {
  const client = connect(server.address().port, () => client.end(Buffer.alloc(5000)));
  let bytes = 0;
  client.on('data', (chunk) => { bytes += chunk.length; });
  client.on('close', () => { console.log(bytes); server.close(done); });
}); });
`,
    });
    const { stdout, batches } = await runProfiled(['main.mjs'], { cwd });
    assert.equal(stdout, '5000\n');
    const lookups = operationsIn(batches).find(({ name }) => name === 'lru-cache');
    assert.deepEqual([lookups?.hits, lookups?.misses], [30, 30]);
    const gauges = new Map(batches.flatMap((batch) => batch.gauges ?? []).map(({ name, value }) => [name, value]));
    // The program has both ends of each connection, so every byte is counted once in each direction per end.
    assert.deepEqual([gauges.get('bytes in'), gauges.get('bytes out')], [10_000, 10_000]);
  });
});
