/** Checks that no batch is lost or counted twice if the connection breaks, the host changes or the host does not read. */
import { strict as assert } from 'node:assert';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HostConnection } from '../../../src/probe/link/host-connection.ts';
import type { Batch, OperationDelta } from '../../../src/protocol/batch/batch.ts';
import { until } from '../../fixtures/wait.ts';
import { createProgramFolder, operationsIn, runPlain, runProfiled } from '../profiled-program.ts';
import { TestHost } from '../test-host.ts';

const root = resolve(import.meta.dirname, '../../..');

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
    assert.equal(host.lostBatches, 0);
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
    assert.equal(second.lostBatches, 0);
    assert.ok(second.batches[0]?.hello && second.batches[0].definitions?.length === 1);
    assert.equal(second.batches.length, 4);
    const [sum] = second.totals[0]?.operations ?? [];
    assert.deepEqual([sum?.totalNs, sum?.buckets, sum?.hits], [330, [10, 33], 33]);
    await connection.close();
    await second.close();
  });

  it('keeps no backlog before the first host, and merges batches in bounded memory while the host does not read', async () => {
    const path = join(createProgramFolder({}), 'socket');
    const connection = connectTo(path);
    for (let index = 0; index < 2000; index++) connection.send(createBatch(index));
    assert.deepEqual([connection.backlog, connection.pressure, connection.isConnected], [0, 'full', false]);
    const host = new TestHost(path, 'one');
    host.isReading = false;
    await until(() => connection.isConnected);
    const pressures = new Set<string>();
    for (let index = 0; index < 30_000; index++) {
      connection.send(createBatch(index, 'x'.repeat(300)));
      pressures.add(connection.pressure);
      assert.ok(connection.backlog < 2 * 256 * 1024, `${connection.backlog} bytes are queued`);
      if (index % 1000 === 0) await sleep(1);
    }
    assert.deepEqual([...pressures], ['none', 'some', 'full']);
    host.isReading = true;
    await until(() => host.count === 32_000);
    assert.equal(host.lostBatches, 0);
    await connection.close();
    await host.close();
  });

  it('sends a batch that is longer than a line may be in several parts', async () => {
    const path = join(createProgramFolder({}), 'socket');
    const host = new TestHost(path, 'one');
    const connection = connectTo(path);
    await until(() => connection.isConnected);
    const [first] = [createBatch(0)];
    const definitions = Array.from({ length: 4000 }, (_, id) => {
      return { id, component: 'c', name: `${id} ${'long '.repeat(100)}`, kind: 'function' as const };
    });
    const operations = definitions.map(({ id }) => ({ ...(first.operations?.[0] as OperationDelta), id }));
    connection.send({ ...first, definitions, operations, bye: { reason: 'end' } });
    await connection.close();
    await until(() => host.count === 4000);
    assert.equal(host.lostBatches, 0);
    assert.ok(host.batches.length > 2 && host.batches.at(-1)?.bye && host.batches[0]?.hello);
    assert.ok(Math.max(...host.lineLengths) <= 1024 * 1024, `${Math.max(...host.lineLengths)} in one line`);
    await host.close();
  });

  it('defines operations again after a reconnect', async () => {
    const path = join(createProgramFolder({}), 'socket');
    const host = new TestHost(path, 'one');
    const connection = connectTo(path);
    connection.send(createBatch(0));
    await until(() => host.count === 1);
    host.disconnectGuests();
    await until(() => !connection.isConnected);
    await until(() => connection.isConnected);
    connection.send(createBatch(1));
    await until(() => host.count === 2);
    assert.equal(host.undefinedCalls, 0);
    assert.equal(host.batches.at(-1)?.definitions?.length, 1);
    await connection.close();
    await host.close();
  });

  it('leaves the records of a program that ends at once to a host that is still too busy to greet', async () => {
    const path = join(createProgramFolder({}), 'socket');
    const host = new TestHost(path, 'one', { greets: false });
    const connection = connectTo(path);
    connection.send(createBatch(0));
    await connection.close();
    await until(() => host.count === 1);
    await host.close();
  });

  it('waits at most a second for a host that does not read when the program ends', async () => {
    const path = join(createProgramFolder({}), 'socket');
    const host = new TestHost(path, 'one');
    host.isReading = false;
    const connection = connectTo(path);
    await until(() => connection.isConnected);
    for (let index = 0; index < 5000; index++) connection.send(createBatch(index, 'x'.repeat(300)));
    const startMs = performance.now();
    await connection.close();
    const tookMs = performance.now() - startMs;
    assert.ok(tookMs < 10_000, `${tookMs} ms`);
    await host.close();
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
const [cache, other] = [new LRUCache({ max: 10 }), new LRUCache({ max: 10 })];
for (let i = 0; i < 30; i++) { cache.set(i % 5, i); cache.get(i % 5); cache.get('absent' + i); cache.has(1); }
const lookUp = () => other.get('absent');
lookUp(), other.get('absent');
console.log(Object.keys(Error).sort().join());
await new Promise((done) => { const server = createServer((socket) => socket.pipe(socket)).listen(0, () => {
  const client = connect(server.address().port, () => client.end(Buffer.alloc(5000)));
  let bytes = 0;
  client.on('data', (chunk) => { bytes += chunk.length; });
  client.on('close', () => { console.log(bytes); server.close(done); });
}); });
`,
    });
    const { stdout, batches } = await runProfiled(['main.mjs'], { cwd });
    const { stdout: plain } = runPlain(['main.mjs'], { cwd });
    assert.match(plain, /5000\n$/);
    assert.equal(stdout, plain);
    const lookups = operationsIn(batches).filter(({ name }) => name === 'lru-cache');
    assert.deepEqual(
      lookups.map(({ line, hits, misses }) => [line, hits, misses]),
      [
        [4, 30, 30],
        [5, 0, 2],
      ],
      'each cache has the line that used it first',
    );
    const gauges = new Map(batches.flatMap((batch) => batch.gauges ?? []).map(({ name, value }) => [name, value]));
    // The program has both ends of each connection, so every byte is counted once in each direction per end.
    assert.deepEqual([gauges.get('bytes in'), gauges.get('bytes out')], [10_000, 10_000]);
  });
});
